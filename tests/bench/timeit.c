/* Time commands against each other: timeit ROUNDS <LIST
 *
 * Each line of LIST is NAME, DIR, BEFORE and COMMAND, parted by tabs. A round runs every command once, in order, so that
 * whatever else the machine does meets all of them. Before each run BEFORE goes to the shell, untimed (empty: nothing).
 * COMMAND is split at blanks and executed without a shell, in DIR, its output to /dev/null. A command that fails ends it all.
 *
 * Prints a line a command: NAME and the wall time of each round in milliseconds, parted by tabs. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { COMMANDS_MOST = 32, WORDS_MOST = 64, ROUNDS_MOST = 1000 };

struct command {
	char *name, *dir, *before;
	char *argv[WORDS_MOST];
	double wall_ms[ROUNDS_MOST];
};

static struct command commands[COMMANDS_MOST];
static int ncommands;

static void die(const char *what, const char *on)
{
	fprintf(stderr, "timeit: %s: %s\n", on, what);
	exit(2);
}

static double now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

static char *cut(char **rest)
{
	static char nothing[1];
	char *field = strsep(rest, "\t\n");
	return field ? field : nothing;
}

static void read_command(char *line)
{
	if (ncommands == COMMANDS_MOST)
		die("too many commands", line);
	struct command *c = &commands[ncommands++];
	char *rest = strdup(line);
	c->name = cut(&rest);
	c->dir = cut(&rest);
	c->before = cut(&rest);
	char *words = cut(&rest);
	int n = 0;
	for (char *word; (word = strsep(&words, " ")); )
		if (*word && n + 1 < WORDS_MOST)
			c->argv[n++] = word;
	if (!n)
		die("no command", c->name);
}

static void prepare(const struct command *c)
{
	if (!*c->before)
		return;
	char text[8192];
	snprintf(text, sizeof text, "cd '%s' && { %s\n}", c->dir, c->before);
	if (system(text))
		die("could not be prepared", c->name);
}

/* The wall time. */
static double execute(const struct command *c)
{
	double start = now_ms();
	pid_t pid = fork();
	if (pid < 0)
		die("cannot fork", c->name);
	if (!pid) {
		int null = open("/dev/null", O_RDWR);
		dup2(null, 1);
		dup2(null, 2);
		if (!chdir(c->dir))
			execvp(c->argv[0], c->argv);
		_exit(127);
	}
	int status;
	waitpid(pid, &status, 0);
	double wall_ms = now_ms() - start;
	if (status)
		die("failed", c->name);
	return wall_ms;
}

int main(int argc, char **argv)
{
	char line[16384];
	int rounds = argc == 2 ? atoi(argv[1]) : 0;
	if (rounds < 1 || rounds > ROUNDS_MOST)
		die("rounds wanted, 1 to 1000", "usage");
	while (fgets(line, sizeof line, stdin))
		read_command(line);
	for (int i = 0; i < rounds; i++)
		for (struct command *c = commands; c < commands + ncommands; c++) {
			prepare(c);
			c->wall_ms[i] = execute(c);
		}
	for (struct command *c = commands; c < commands + ncommands; c++) {
		printf("%s", c->name);
		for (int i = 0; i < rounds; i++)
			printf("\t%.3f", c->wall_ms[i]);
		printf("\n");
	}
	return 0;
}
