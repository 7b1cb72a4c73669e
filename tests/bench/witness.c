/* What weft executes, and how much memory it takes: a library for LD_PRELOAD.
 *
 *   WITNESS_JOBS     a directory; for every command that weft executes, DIR/N is a copy of its private directory as the
 *                    command finds it, and DIR/jobs gets a job
 *   WITNESS_MEMORY   a file; gets the peak of weft's own memory in KiB when it exits, without that of its children
 *
 * A job is lines: "dir" and the copy, "was" and the directory it copies, "env" and a variable each, "arg" and a word each, "end".
 * So a floor can be measured that runs the very same commands. Children get an environment without LD_PRELOAD, so only weft
 * itself is watched. */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t driver;
/* Not on the heap: the memory limit of an action is in force already. */
static char job[1 << 18];
static size_t job_len;

__attribute__((constructor)) static void begin(void)
{
	driver = getpid();
}

__attribute__((destructor)) static void end(void)
{
	const char *path = getenv("WITNESS_MEMORY");
	FILE *in = fopen("/proc/self/status", "r"), *out = path && getpid() == driver ? fopen(path, "w") : NULL;
	char line[256];
	while (in && out && fgets(line, sizeof line, in))
		if (!strncmp(line, "VmHWM:", 6))
			fprintf(out, "%ld\n", strtol(line + 6, NULL, 10));
	if (in)
		fclose(in);
	if (out)
		fclose(out);
}

/* The private directory: what bubblewrap binds to /out, or where the command runs. NULL for what is no action: a look
 * at the tools, a trial of the sandbox. */
static const char *directory_of(char *const *argv, char *here, size_t size)
{
	const char *dir = getcwd(here, size);
	for (; *argv; argv++)
		if (!strcmp(argv[0], "--bind") && argv[1] && argv[2] && !strcmp(argv[2], "/out"))
			dir = argv[1];
	return dir && strstr(dir, "/build/run/") ? dir : NULL;
}

static void copy(const char *from, const char *to)
{
	pid_t pid = fork();
	if (!pid) {
		execl("/bin/cp", "cp", "-a", from, to, (char *)NULL);
		_exit(127);
	}
	int status;
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		_exit(126);
}

static void add_line(const char *kind, const char *text)
{
	size_t room = sizeof job - job_len;
	int n = snprintf(job + job_len, room, "%s %s\n", kind, text);
	if (n < 0 || (size_t)n >= room)
		_exit(126);
	job_len += (size_t)n;
}

static void record(const char *jobs, const char *was, char *const *argv, char *const *env)
{
	char path[4096];
	/* No two children at a time have one number, and none comes round within a build. */
	snprintf(path, sizeof path, "%s/%d", jobs, (int)getpid());
	copy(was, path);
	add_line("dir", path);
	add_line("was", was);
	for (; *env; env++)
		add_line("env", *env);
	for (; *argv; argv++)
		add_line("arg", *argv);
	add_line("end", "");
	/* In one piece: two children may write at a time. */
	snprintf(path, sizeof path, "%s/jobs", jobs);
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, job, job_len) != (ssize_t)job_len)
		_exit(126);
}

int execve(const char *path, char *const *argv, char *const *env)
{
	int (*real)(const char *, char *const *, char *const *);
	*(void **)&real = dlsym(RTLD_NEXT, "execve");
	char here[4096];
	const char *jobs = getenv("WITNESS_JOBS"), *was = getpid() == driver ? NULL : directory_of(argv, here, sizeof here);
	if (jobs && was)
		record(jobs, was, argv, env);
	return real(path, argv, env);
}
