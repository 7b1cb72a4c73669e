/* Run jobs, a few at a time: pool AT-A-TIME FILE
 *
 * The file has the form that witness.c writes: "dir" to run in, "env" and "arg" lines, "end"; and "wait" between jobs where
 * all before it must have ended. Nothing is looked up, checked or kept, output goes to /dev/null: as little work as the
 * commands can be run with. Exits with 1 when a job fails. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORDS_MOST = 1024 };

struct job {
	char *dir, *argv[WORDS_MOST], *env[WORDS_MOST];
	int argc, nenv;
};

static int running, failed;

static void wait_one(void)
{
	int status;
	if (wait(&status) < 0)
		exit(2);
	running--;
	failed += status != 0;
}

static void start(const struct job *job)
{
	pid_t pid = fork();
	if (pid < 0)
		exit(2);
	if (pid) {
		running++;
		return;
	}
	int null = open("/dev/null", O_RDWR);
	dup2(null, 0);
	dup2(null, 1);
	dup2(null, 2);
	if (!chdir(job->dir))
		execve(job->argv[0], job->argv, job->env);
	_exit(127);
}

static void add_word(char **list, int *n, const char *word)
{
	if (*n + 1 == WORDS_MOST)
		exit(2);
	list[(*n)++] = strdup(word);
	list[*n] = NULL;
}

int main(int argc, char **argv)
{
	static struct job job;
	char *line = NULL;
	size_t room = 0;
	int most = argc == 3 ? atoi(argv[1]) : 0;
	FILE *in = most > 0 ? fopen(argv[2], "r") : NULL;
	if (!in) {
		fprintf(stderr, "usage: pool AT-A-TIME FILE\n");
		return 2;
	}
	while (getline(&line, &room, in) > 0) {
		line[strcspn(line, "\n")] = 0;
		const char *text = strchr(line, ' ') ? strchr(line, ' ') + 1 : "";
		if (!strncmp(line, "dir ", 4)) {
			job.dir = strdup(text);
		} else if (!strncmp(line, "env ", 4)) {
			add_word(job.env, &job.nenv, text);
		} else if (!strncmp(line, "arg ", 4)) {
			add_word(job.argv, &job.argc, text);
		} else if (!strncmp(line, "end", 3)) {
			while (running >= most)
				wait_one();
			start(&job);
			job = (struct job){0};
		} else if (!strcmp(line, "wait")) {
			while (running)
				wait_one();
		}
	}
	while (running)
		wait_one();
	return failed != 0;
}
