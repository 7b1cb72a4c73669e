/* The sandbox: bubblewrap where it works, resource limits alone elsewhere. Between the two there is room for
 * Landlock and seccomp; the enum is the place. */
#include "sandbox.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../tangle/arena.h"
#include "child.h"
#include "fs.h"

const char *sandbox_name(enum sandbox tier)
{
	return tier == SANDBOX_BWRAP ? "bubblewrap" : "limits only";
}

/* Words under construction. */
struct words {
	char **at;
	int n;
	struct arena *arena;
};

enum { WORDS_MOST = 4096 };

static void add(struct words *w, Str word)
{
	if (w->n + 1 < WORDS_MOST)
		w->at[w->n++] = str_z(w->arena, word);
}

static void add_list(struct words *w, const char *const *list)
{
	for (; *list; list++)
		add(w, str_of(*list));
}

static void add_bind(struct words *w, const char *how, Str real, Str seen)
{
	add(w, str_of(how));
	add(w, real);
	add(w, seen);
}

/* A tool outside /usr: the directory by which it was found, and that of the file a link leads to. */
static void add_tool(struct words *w, Str tool)
{
	char real[PATH_MAX];
	Str dir = tool;
	if (str_starts(tool, S("/prog/")) || str_starts(tool, S("/out/")))
		return;         /* bound by the caller, or made in the private directory */
	for (int i = 0; i < 2; i++) {
		bool toolkit = str_ends(dir, S("/bin/nvcc"));
		while (dir.len && dir.at[dir.len - 1] != '/')
			dir.len--;
		/* nvcc finds its parts and headers beside the directory it is in. */
		if (toolkit)
			dir.len -= S("bin/").len;
		if (dir.len > 1 && !str_starts(dir, S("/usr/")) && !str_starts(dir, S("/bin/")))
			add_bind(w, "--ro-bind", str_sub(dir, 0, dir.len - 1), str_sub(dir, 0, dir.len - 1));
		if (!realpath(str_z(w->arena, tool), real))
			return;
		dir = str_of(real);
	}
}

/* `word` with $PWD replaced. */
static Str expand_pwd(Str word, Str pwd, struct arena *a)
{
	size_t at = str_search(word, S("$PWD"), 0);
	if (at == word.len)
		return word;
	return str_fmt(a, "%.*s%.*s%.*s", (int)at, word.at, STR_ARG(pwd), STR_ARG(str_sub(word, at + 4, word.len)));
}

static const char *const walls[] = {
	"--unshare-user", "--unshare-all", "--disable-userns", "--die-with-parent", "--new-session", "--cap-drop", "ALL",
	"--ro-bind", "/usr", "/usr",
	"--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64", "--symlink", "usr/bin", "/bin",
	"--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache",
	"--ro-bind-try", "/etc/alternatives", "/etc/alternatives",
	"--ro-bind-try", "/etc/fonts", "/etc/fonts",
	"--dev", "/dev", "--proc", "/proc", "--size", "268435456", "--tmpfs", "/tmp",
	NULL,
};

struct command sandbox_command(enum sandbox tier, Str dir, Str tool, const Str *argv, int argc,
                               const struct bind *binds, int nbinds, struct arena *a)
{
	struct words w = {NEWS(a, char *, WORDS_MOST), 0, a};
	Str pwd = tier == SANDBOX_BWRAP ? S("/out") : dir;
	struct command cmd = {.argv = w.at, .dir = tier == SANDBOX_BWRAP ? NULL : str_z(a, dir)};
	if (tier == SANDBOX_BWRAP) {
		add(&w, S("/usr/bin/bwrap"));
		add_list(&w, walls);
		add_tool(&w, tool);
		add_bind(&w, "--bind", dir, S("/out"));
		for (int i = 0; i < nbinds; i++)
			add_bind(&w, binds[i].device ? "--dev-bind" : binds[i].writable ? "--bind" : "--ro-bind", binds[i].real, binds[i].seen);
		add_list(&w, (const char *const[]){"--chdir", "/out", "--", NULL});
	}
	add(&w, tool);
	for (int i = 0; i < argc; i++)
		add(&w, expand_pwd(argv[i], pwd, a));
	w.at[w.n] = NULL;
	/* A fixed environment: nothing of the user's can reach a result. */
	struct words env = {NEWS(a, char *, 16), 0, a};
	add_list(&env, (const char *const[]){
		"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C.UTF-8", "TZ=UTC", "SOURCE_DATE_EPOCH=0", "TMPDIR=/tmp", NULL});
	add(&env, str_fmt(a, "HOME=%.*s", STR_ARG(pwd)));
	env.at[env.n] = NULL;
	cmd.env = env.at;
	return cmd;
}

enum sandbox sandbox_probe(struct arena *a)
{
	struct stat st;
	if (stat("/usr/bin/bwrap", &st))
		return SANDBOX_LIMITS;
	struct command cmd = sandbox_command(SANDBOX_BWRAP, S("/tmp"), S("/usr/bin/true"), NULL, 0, NULL, 0, a);
	struct child_spec spec = {.argv = cmd.argv, .env = cmd.env, .timeout_s = 10};
	struct child_end end;
	child_start(&spec, NULL);
	while (!child_wait(&end, -1))
		continue;
	return end.status == 0 ? SANDBOX_BWRAP : SANDBOX_LIMITS;
}
