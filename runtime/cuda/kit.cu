// What run.sh cannot do in a shell alone: ask the GPU who it is, run programs within limits, and write recordings.
//
//     kit capability          print "9.0", or nothing without a GPU
//     kit limit SECONDS COMMAND…
//     kit unlink FILE         kit print FILE
//     kit run RUNS RESULTS    run what the file RUNS lists (kit.c of weft describes it), from the kit's directory
//
// A run gets a fresh directory with its inputs. Its stdout, its stderr, its tables (*.tsv) and declared outputs become a
// recording in RESULTS/ESSAY/PROGRAM/[POINT/]: the files, and `record`, which names their digests (recording.c of weft
// describes it). A run that fails, or ends well though it is meant to fail, leaves no recording.
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cuda_runtime.h>

namespace fs = std::filesystem;
using std::string;
using std::vector;

[[noreturn]] static void die(const string &what)
{
	fprintf(stderr, "kit: %s\n", what.c_str());
	exit(2);
}

// ---- SHA-256 (FIPS 180-4) ----

static uint32_t rotate(uint32_t x, int n)
{
	return x >> n | x << (32 - n);
}

static void sha256_block(uint32_t state[8], const unsigned char *at)
{
	static const uint32_t k[64] = {
		0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
		0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
		0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
		0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
		0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
		0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
		0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
		0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
	};
	uint32_t w[64], v[8];
	for (int i = 0; i < 16; i++)
		w[i] = (uint32_t)at[4 * i] << 24 | (uint32_t)at[4 * i + 1] << 16 | (uint32_t)at[4 * i + 2] << 8 | at[4 * i + 3];
	for (int i = 16; i < 64; i++) {
		uint32_t a = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ w[i - 15] >> 3;
		uint32_t b = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ w[i - 2] >> 10;
		w[i] = w[i - 16] + a + w[i - 7] + b;
	}
	memcpy(v, state, sizeof v);
	for (int i = 0; i < 64; i++) {
		uint32_t s1 = rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25);
		uint32_t s0 = rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22);
		uint32_t t1 = v[7] + s1 + ((v[4] & v[5]) ^ (~v[4] & v[6])) + k[i] + w[i];
		uint32_t t2 = s0 + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
		for (int j = 7; j > 0; j--)
			v[j] = v[j - 1];
		v[4] += t1;
		v[0] = t1 + t2;
	}
	for (int i = 0; i < 8; i++)
		state[i] += v[i];
}

static string sha256(const string &bytes)
{
	uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
	string text = bytes + '\x80';
	text.resize((text.size() + 8 + 63) / 64 * 64);
	for (int i = 0; i < 8; i++)
		text[text.size() - 1 - i] = (char)((uint64_t)bytes.size() * 8 >> 8 * i);
	for (size_t i = 0; i < text.size(); i += 64)
		sha256_block(state, (const unsigned char *)text.data() + i);
	char out[65];
	for (int i = 0; i < 8; i++)
		snprintf(out + 8 * i, 9, "%08x", state[i]);
	return out;
}

// ---- Records: tab-separated fields; \\ \t \n \r within one are escaped ----

static string field(const string &text)
{
	string out;
	for (char c : text)
		out += c == '\\' ? "\\\\" : c == '\t' ? "\\t" : c == '\n' ? "\\n" : c == '\r' ? "\\r" : string(1, c);
	return out;
}

static string line_of(const vector<string> &fields)
{
	string out;
	for (size_t i = 0; i < fields.size(); i++)
		out += (i ? "\t" : "") + field(fields[i]);
	return out + "\n";
}

static vector<string> fields_of(const string &line)
{
	vector<string> out(1);
	for (size_t i = 0; i < line.size(); i++) {
		if (line[i] == '\t') {
			out.emplace_back();
		} else if (line[i] == '\\' && i + 1 < line.size()) {
			char c = line[++i];
			out.back() += c == 't' ? '\t' : c == 'n' ? '\n' : c == 'r' ? '\r' : c;
		} else {
			out.back() += line[i];
		}
	}
	return out;
}

// ---- Files ----

static string read_file(const fs::path &path)
{
	std::ifstream in(path, std::ios::binary);
	return {std::istreambuf_iterator<char>(in), {}};
}

static void write_file(const fs::path &path, const string &bytes)
{
	std::ofstream out(path, std::ios::binary);
	if (!out.write(bytes.data(), (std::streamsize)bytes.size()) || !out.flush())
		die("cannot write " + path.string());
}

// The first 256 KB and the last 64 KB of what was printed, as weft keeps it.
static string shortened(const string &text, long *omitted)
{
	const size_t head = 256 << 10, tail = 64 << 10;
	*omitted = text.size() > head + tail ? (long)(text.size() - head - tail) : 0;
	return *omitted ? text.substr(0, head) + text.substr(text.size() - tail) : text;
}

// ---- Processes ----

struct ending {
	int status;             // exit status; 128 + signal
	bool timed_out;
	double wall_s;
};

struct io {
	string in, out, err;    // files; empty: as this process has them
	string dir;
};

static void redirect(const string &path, int flags, int fd)
{
	if (path.empty())
		return;
	int file = open(path.c_str(), flags, 0644);
	if (file < 0 || dup2(file, fd) < 0)
		_exit(127);
}

// Run a command in a process group of its own; past the limit the group is killed.
static ending run_command(const vector<string> &command, const io &where, double limit_s)
{
	using clock = std::chrono::steady_clock;
	vector<char *> argv;
	for (const string &word : command)
		argv.push_back(const_cast<char *>(word.c_str()));
	argv.push_back(nullptr);
	fflush(stdout);
	auto start = clock::now();
	auto elapsed = [&] { return std::chrono::duration<double>(clock::now() - start).count(); };
	pid_t child = fork();
	if (child < 0)
		die("cannot fork");
	if (!child) {
		setpgid(0, 0);
		redirect(where.in, O_RDONLY, 0);
		redirect(where.out, O_WRONLY | O_CREAT | O_TRUNC, 1);
		redirect(where.err, O_WRONLY | O_CREAT | O_TRUNC, 2);
		if (!where.dir.empty() && chdir(where.dir.c_str()))
			_exit(127);
		execvp(argv[0], argv.data());
		_exit(127);
	}
	setpgid(child, child);
	int status = 0;
	bool timed_out = false;
	for (pid_t got; (got = waitpid(child, &status, WNOHANG)) <= 0; usleep(elapsed() < 1 ? 500 : 5000)) {
		if (got < 0 && errno != EINTR)
			die("cannot wait for " + command[0]);
		if (!timed_out && elapsed() > limit_s) {
			timed_out = true;
			kill(-child, SIGKILL);
		}
	}
	double wall = elapsed();
	kill(-child, SIGKILL);          // whatever it left behind
	return {WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status), timed_out, wall};
}

static bool is_in_path(const string &name)
{
	const char *path = getenv("PATH");
	string rest = path ? path : "";
	for (size_t at = 0; at <= rest.size(); ) {
		size_t colon = std::min(rest.find(':', at), rest.size());
		if (!access((rest.substr(at, colon - at) + "/" + name).c_str(), X_OK))
			return true;
		at = colon + 1;
	}
	return false;
}

// ---- The GPU ----

static bool find_device(cudaDeviceProp *properties)
{
	int n = 0;
	return cudaGetDeviceCount(&n) == cudaSuccess && n > 0 && cudaGetDeviceProperties(properties, 0) == cudaSuccess;
}

// "580.65.06" of the driver's own file; where there is none, the CUDA version it serves.
static string driver_version()
{
	string text = read_file("/proc/driver/nvidia/version"), word;
	size_t at = text.find("Kernel Module");
	for (size_t i = at == string::npos ? text.size() : at + 13; i < text.size(); i++) {
		bool part = isdigit((unsigned char)text[i]) || (text[i] == '.' && !word.empty());
		if (part)
			word += text[i];
		else if (word.find('.') != string::npos)
			return word;
		else
			word.clear();
	}
	int version = 0;
	cudaDriverGetVersion(&version);
	return "for CUDA " + std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

// What nvidia-smi says of the clocks as they are; else the highest they can be.
static string clocks()
{
	string file = "clocks.log";
	if (is_in_path("nvidia-smi")) {
		ending end = run_command({"nvidia-smi", "--id=0", "--query-gpu=clocks.sm,clocks.max.sm,clocks.mem,power.limit", "--format=csv,noheader"},
		                         {"/dev/null", file, "/dev/null", ""}, 30);
		string text = read_file(file);
		if (!end.status && !text.empty())
			return "SM, SM at most, memory, power: " + text.substr(0, text.find('\n'));
	}
	int sm = 0, memory = 0;
	cudaDeviceGetAttribute(&sm, cudaDevAttrClockRate, 0);
	cudaDeviceGetAttribute(&memory, cudaDevAttrMemoryClockRate, 0);
	return "SM at most " + std::to_string(sm / 1000) + " MHz, memory " + std::to_string(memory / 1000) + " MHz";
}

static string today()
{
	char text[16];
	time_t now = time(nullptr);
	strftime(text, sizeof text, "%Y-%m-%d", gmtime(&now));
	return text;
}

static std::map<string, string> environment(const cudaDeviceProp &device)
{
	return {
		{"capability", std::to_string(device.major) + "." + std::to_string(device.minor)},
		{"clocks", clocks()},
		{"date", today()},
		{"driver", driver_version()},
		{"multiprocessors", std::to_string(device.multiProcessorCount)},
		{"toolkit", std::to_string(__CUDACC_VER_MAJOR__) + "." + std::to_string(__CUDACC_VER_MINOR__) + "." + std::to_string(__CUDACC_VER_BUILD__)},
	};
}

// ---- Runs ----

struct run {
	string essay, program, point, point_dir, recipe, kind, input;
	double timeout_s;
	bool meant_to_fail;
	vector<string> args, outputs;

	string label() const
	{
		return essay + ":" + program + (point.empty() ? "" : " " + point);
	}
};

static vector<run> read_runs(const string &path)
{
	std::ifstream in(path);
	string line;
	vector<run> runs;
	if (!std::getline(in, line) || line != "kit\t1")
		die(path + " is not a list of runs");
	while (std::getline(in, line)) {
		vector<string> f = fields_of(line);
		if (f[0] == "run" && f.size() == 9)
			runs.push_back({f[1], f[2], f[3], f[4], f[5], f[6], "", atof(f[7].c_str()), f[8] == "fail", {}, {}});
		else if (runs.empty() || f.size() != 2)
			die(path + " has a malformed line: " + line);
		else if (f[0] == "stdin")
			runs.back().input = f[1];
		else if (f[0] == "arg")
			runs.back().args.push_back(f[1]);
		else if (f[0] == "output")
			runs.back().outputs.push_back(f[1]);
		else
			die(path + " has a malformed line: " + line);
	}
	return runs;
}

// All runs, and what they share.
struct session {
	fs::path kit, results;
	string device;
	std::map<string, string> environment;
	int repeats;
	bool counters;
	vector<string> summary;
	int recorded = 0, failed = 0, skipped = 0;
};

static void tell(session &s, const string &line)
{
	printf("%s\n", line.c_str());
	fflush(stdout);
	s.summary.push_back(line);
}

// A fresh directory with the run's inputs.
static fs::path prepare(const session &s, const run &r)
{
	fs::path dir = s.results / ".work", inputs = s.kit / "in" / r.essay / r.program;
	fs::remove_all(dir);
	fs::create_directories(dir / "run");
	if (fs::exists(inputs))
		fs::copy(inputs, dir / "run", fs::copy_options::recursive);
	write_file(dir / "stdin", r.input);
	return dir;
}

static ending run_once(const session &s, const run &r, const fs::path &dir, const vector<string> &before = {})
{
	vector<string> command = before;
	command.push_back((s.kit / "src" / r.essay / r.program / "program").string());
	command.insert(command.end(), r.args.begin(), r.args.end());
	// Under a tool that counts, everything takes its time.
	double limit = before.empty() ? r.timeout_s : 60 + 20 * r.timeout_s;
	return run_command(command, {dir / "stdin", dir / "stdout", dir / "stderr", dir / "run"}, limit);
}

// What a finished run left that is kept: its tables and declared outputs, by name.
static std::map<string, string> collect(const session &s, const run &r, const fs::path &dir)
{
	std::map<string, string> files;
	fs::path inputs = s.kit / "in" / r.essay / r.program;
	for (const fs::directory_entry &entry : fs::directory_iterator(dir / "run")) {
		string name = entry.path().filename().string();
		bool table = name.size() > 4 && name.compare(name.size() - 4, 4, ".tsv") == 0;
		bool declared = std::find(r.outputs.begin(), r.outputs.end(), name) != r.outputs.end();
		bool own = !fs::exists(inputs / name) && name[0] != '.';
		if (own && (table || declared) && entry.is_regular_file() && !entry.is_symlink())
			files[name] = read_file(entry.path());
	}
	return files;
}

// values.tsv of one repeat, each line behind the repeat's number.
static string numbered(int repeat, const string &values)
{
	string out;
	size_t at = values.find('\n');
	while (at != string::npos && at + 1 < values.size()) {
		size_t end = std::min(values.find('\n', at + 1), values.size());
		out += std::to_string(repeat) + "\t" + values.substr(at + 1, end - at - 1) + "\n";
		at = end < values.size() ? end : string::npos;
	}
	return out;
}

// Count with ncu in a run of its own. Empty where that is not allowed.
static string count(const session &s, const run &r)
{
	fs::path dir = prepare(s, r);
	ending end = run_once(s, r, dir, {
		"ncu", "--csv", "--clock-control", "none", "--cache-control", "none", "--metrics",
		"gpu__time_duration.sum,"
		"l1tex__t_sectors_pipe_lsu_mem_global_op_ld.sum,l1tex__t_sectors_pipe_lsu_mem_global_op_st.sum,"
		"l1tex__t_requests_pipe_lsu_mem_global_op_ld.sum,l1tex__t_requests_pipe_lsu_mem_global_op_st.sum,"
		"l1tex__data_bank_conflicts_pipe_lsu_mem_shared.sum,lts__t_sectors_op_read.sum,lts__t_sectors_op_write.sum,"
		"dram__bytes_read.sum,dram__bytes_write.sum,launch__registers_per_thread,sm__warps_active.avg.pct_of_peak_sustained_active"});
	string out = read_file(dir / "stdout");
	return end.status || out.find("\"Metric Name\"") == string::npos ? "" : out.substr(out.find("\"ID\""));
}

static void write_recording(session &s, const run &r, const ending &end, int repeats, std::map<string, string> files,
                            std::map<string, string> logs, const string &out, const string &err)
{
	long out_omitted, err_omitted;
	string text = line_of({"recording", "1"}) + line_of({"program", r.essay, r.program, r.point}) + line_of({"recipe", r.recipe}) +
	              line_of({"device", s.device});
	std::map<string, string> with = s.environment;
	string arch = read_file(s.kit / "src" / r.essay / r.program / "arch");
	with["arch"] = arch.substr(0, arch.find('\n'));
	for (const auto &[name, value] : with)
		text += line_of({"with", name, value});
	if (!out.empty())
		files["stdout"] = shortened(out, &out_omitted);
	if (!err.empty())
		files["stderr"] = shortened(err, &err_omitted);
	shortened(out, &out_omitted);
	shortened(err, &err_omitted);
	text += line_of({"run", std::to_string(end.status), std::to_string((long)(end.wall_s * 1e6)), std::to_string(out_omitted),
	                 std::to_string(err_omitted), std::to_string(repeats)});
	fs::path dir = s.results / r.essay / r.program;
	if (!r.point_dir.empty())
		dir /= r.point_dir;
	fs::create_directories(dir);
	for (const auto &[name, bytes] : files) {
		write_file(dir / name, bytes);
		text += line_of({"file", name, sha256(bytes), std::to_string(bytes.size()), "result"});
	}
	for (const auto &[name, bytes] : logs) {
		write_file(dir / name, bytes);
		text += line_of({"file", name, sha256(bytes), std::to_string(bytes.size()), "log"});
	}
	write_file(dir / "record", text + line_of({"end", sha256(text)}));
	s.recorded++;
}

// A run that is meant to fail may have failed in the compiler already: that is then what is recorded.
static void record_uncompiled(session &s, const run &r)
{
	fs::path src = s.kit / "src" / r.essay / r.program;
	write_recording(s, r, {1, false, 0}, 1, {}, {}, "", read_file(src / "ptxas.log") + read_file(src / "link.log"));
	tell(s, "recorded " + r.label() + ": does not compile, as meant");
}

static void report_failure(session &s, const run &r, const ending &end, const fs::path &dir)
{
	string why = end.timed_out ? "took longer than its limit" : end.status ? "exit status " + std::to_string(end.status) : "was meant to fail, and did not";
	string err = read_file(dir / "stderr");
	tell(s, "FAILED " + r.label() + ": " + why);
	fputs(err.substr(err.size() > 4000 ? err.size() - 4000 : 0).c_str(), stderr);
	s.failed++;
}

static void carry_out(session &s, const run &r)
{
	fs::path src = s.kit / "src" / r.essay / r.program, dir;
	if (!fs::exists(src / "program")) {
		if (r.meant_to_fail && fs::exists(src / "arch"))
			record_uncompiled(s, r);
		else
			s.skipped++;
		return;
	}
	bool measured = r.kind == "measured";
	int repeats = measured ? s.repeats : 1;
	ending end = {};
	std::map<string, string> files, logs;
	string repeated;
	for (int i = measured ? 0 : 1; i <= repeats; i++) {     // the 0th warms up
		dir = prepare(s, r);
		end = run_once(s, r, dir);
		if (end.timed_out || (end.status != 0) != r.meant_to_fail) {
			report_failure(s, r, end, dir);
			return;
		}
		files = collect(s, r, dir);
		if (i > 0 && files.count("values.tsv"))
			repeated += numbered(i, files["values.tsv"]);
	}
	for (const string &name : r.outputs)
		if (!files.count(name) && !r.meant_to_fail) {
			tell(s, "FAILED " + r.label() + ": it did not leave " + name);
			s.failed++;
			return;
		}
	string out = read_file(dir / "stdout"), err = read_file(dir / "stderr");
	char took[64];
	snprintf(took, sizeof took, "%.3f s", end.wall_s);
	if (r.kind == "check") {
		tell(s, "ran " + r.label() + ", a program for the processor: " + took + ", not recorded");
		return;
	}
	logs["log-ptxas.txt"] = read_file(src / "ptxas.log");
	if (measured)
		logs["log-repeats.tsv"] = "repeat\tname\tvalue\tunit\n" + repeated;
	string counted = s.counters ? count(s, r) : "";
	if (!counted.empty())
		logs["log-ncu.csv"] = counted;
	write_recording(s, r, end, repeats, files, logs, out, err);
	tell(s, "recorded " + r.label() + ": " + took + (measured ? ", after a warm-up and " + std::to_string(repeats) + " repeats" : ""));
}

static int run_all(const string &list, const string &results)
{
	cudaDeviceProp device;
	if (!find_device(&device))
		die("there is no GPU");
	if (fs::exists(results) && !fs::is_empty(results))
		die("'" + results + "' is there already; results go to a new directory");
	fs::create_directories(results);
	const char *repeats = getenv("REPEATS"), *counters = getenv("COUNTERS");
	session s = {fs::current_path(), fs::absolute(results), device.name, environment(device), repeats ? atoi(repeats) : 3,
	             is_in_path("ncu") && !(counters && !strcmp(counters, "0")), {}};
	if (s.repeats < 1)
		die("REPEATS is a number from 1");
	setenv("TZ", "UTC", 1);
	setenv("CUDA_VISIBLE_DEVICES", getenv("CUDA_VISIBLE_DEVICES") ? getenv("CUDA_VISIBLE_DEVICES") : "0", 1);
	vector<run> runs = read_runs(list);
	tell(s, "on " + s.device + ", driver " + s.environment["driver"] + ", " + s.environment["clocks"]);
	for (const run &r : runs)
		if (r.kind != "measured")
			carry_out(s, r);
	for (const run &r : runs)
		if (r.kind == "measured")
			carry_out(s, r);
	tell(s, std::to_string(s.recorded) + " recorded, " + std::to_string(s.failed) + " failed, " + std::to_string(s.skipped) + " skipped");
	fs::remove_all(s.results / ".work");
	string summary;
	for (const string &line : s.summary)
		summary += line + "\n";
	write_file(s.results / "summary.txt", summary);
	return s.failed ? 1 : 0;
}

int main(int argc, char **argv)
{
	string what = argc > 1 ? argv[1] : "";
	if (what == "capability" && argc == 2) {
		cudaDeviceProp device;
		if (find_device(&device))
			printf("%d.%d\n", device.major, device.minor);
		return 0;
	}
	if (what == "limit" && argc > 3) {
		ending end = run_command(vector<string>(argv + 3, argv + argc), {}, atof(argv[2]));
		if (end.timed_out)
			fprintf(stderr, "%s took longer than %s s; loops unrolled in full are the usual reason\n", argv[3], argv[2]);
		return end.timed_out ? 124 : end.status;
	}
	if (what == "unlink" && argc == 3)
		return unlink(argv[2]) && errno != ENOENT;
	if (what == "print" && argc == 3)
		return fwrite(read_file(argv[2]).c_str(), 1, read_file(argv[2]).size(), stderr) == 0;
	if (what == "run" && argc == 4)
		return run_all(argv[2], argv[3]);
	die("unknown command '" + what + "'");
}
