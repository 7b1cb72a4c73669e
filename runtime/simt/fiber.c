/* Fibers: stacks that take turns on one operating system thread.
 *
 * The switch for x86-64 saves what the ABI says a call keeps, and nothing else: six registers and
 * the stack pointer. Rounding modes are never changed by kernels. Elsewhere, or with SIMT_UCONTEXT
 * defined, ucontext does the same some fifteen times slower. */
#include "run.h"

#include <string.h>

#if defined __x86_64__ && !defined SIMT_UCONTEXT

void simt_switch(void **save, void *to);

__asm__(".text\n"
	".type simt_switch, @function\n"
	"simt_switch:\n"
	"	pushq %rbp\n"
	"	pushq %rbx\n"
	"	pushq %r12\n"
	"	pushq %r13\n"
	"	pushq %r14\n"
	"	pushq %r15\n"
	"	movq %rsp, (%rdi)\n"
	"	movq %rsi, %rsp\n"
	"	popq %r15\n"
	"	popq %r14\n"
	"	popq %r13\n"
	"	popq %r12\n"
	"	popq %rbx\n"
	"	popq %rbp\n"
	"	ret\n"
	".size simt_switch, . - simt_switch\n");

void fiber_init(struct fiber *f, void (*entry)(void), unsigned stagger)
{
	/* Six registers, the address to return to, and one word that aligns the stack as if
	 * `entry` had been called. */
	void **sp = (void **)(f->stack + STACK_BYTES - stagger - 8 * sizeof(void *));
	memset(sp, 0, 8 * sizeof(void *));
	memcpy(&sp[6], &entry, sizeof entry);
	f->sp = sp;
}

void fiber_switch(struct fiber *from, struct fiber *to)
{
	simt_switch(&from->sp, to->sp);
}

#else

#include <stdlib.h>
#include <ucontext.h>

static ucontext_t *context_of(struct fiber *f)
{
	if (!f->context && !(f->context = calloc(1, sizeof(ucontext_t))))
		simt_fatal("out of memory for a fiber");
	return f->context;
}

void fiber_init(struct fiber *f, void (*entry)(void), unsigned stagger)
{
	ucontext_t *c = context_of(f);
	getcontext(c);
	c->uc_stack.ss_sp = f->stack;
	c->uc_stack.ss_size = STACK_BYTES - stagger;
	c->uc_link = NULL;
	makecontext(c, entry, 0);
}

void fiber_switch(struct fiber *from, struct fiber *to)
{
	swapcontext(context_of(from), context_of(to));
}

#endif
