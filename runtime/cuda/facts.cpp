// Occupancy of kernels as the toolkit's own header computes it, for GPUs that need not be here, and their names
// as people write them.
//
// Reads lines: DEVICE REGISTERS SHARED DYNAMIC BLOCK SYMBOL. DEVICE is a name of devices[], sizes are in bytes. Answers
// each with tab-separated fields: NAME DEVICE ARCH BLOCKS WARPS OCCUPANCY LIMIT. A kernel that cannot be launched so has
// 0 blocks. With the argument "devices" lists NAME ARCH.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <cxxabi.h>
#include <string>

#include <cuda_occupancy.h>

// From NVIDIA's tuning guides and deviceQuery of each.
static const struct device {
	const char *name, *arch;
	int major, minor, threads_per_sm, shared_per_sm, sms, shared_per_block;
} devices[] = {
	{"H200", "sm_90a", 9, 0, 2048, 233472, 132, 232448},
	{"H100", "sm_90a", 9, 0, 2048, 233472, 132, 232448},
	{"A100", "sm_80", 8, 0, 2048, 167936, 108, 166912},
	{"RTX-4090", "sm_89", 8, 9, 1536, 102400, 128, 101376},
};

static cudaOccDeviceProp properties_of(const device &d)
{
	cudaOccDeviceProp p = {};
	p.computeMajor = d.major;
	p.computeMinor = d.minor;
	p.maxThreadsPerBlock = 1024;
	p.maxThreadsPerMultiprocessor = d.threads_per_sm;
	p.regsPerBlock = 65536;
	p.regsPerMultiprocessor = 65536;
	p.warpSize = 32;
	p.sharedMemPerBlock = 49152;
	p.sharedMemPerMultiprocessor = (size_t)d.shared_per_sm;
	p.numSms = d.sms;
	p.sharedMemPerBlockOptin = (size_t)d.shared_per_block;
	p.reservedSharedMemPerBlock = 1024;
	return p;
}

// "k::scale<float>" of "void k::scale<float>(float*, int)": what stands before the arguments, without the return type
// that a template's name begins with.
static std::string short_name(const char *symbol)
{
	int status = 0;
	// A kernel with C linkage may be called "x", which is a type's mangled name too.
	char *full = strncmp(symbol, "_Z", 2) ? nullptr : abi::__cxa_demangle(symbol, nullptr, nullptr, &status);
	std::string name = status == 0 && full ? full : symbol;
	free(full);
	int depth = 0;
	for (size_t i = 0; i < name.size(); i++) {
		bool anonymous = name.compare(i, 21, "(anonymous namespace)") == 0;
		if (name[i] == '<') {
			depth++;
		} else if (name[i] == '>') {
			depth--;
		} else if (anonymous) {
			i += 20;
		} else if (name[i] == '(' && depth == 0) {
			name.resize(i);
		}
	}
	return name.compare(0, 5, "void ") == 0 ? name.substr(5) : name;
}

static const char *limit_name(unsigned factors)
{
	static const struct {
		unsigned factor;
		const char *name;
	} names[] = {
		{OCC_LIMIT_SHARED_MEMORY, "shared memory"}, {OCC_LIMIT_REGISTERS, "registers"}, {OCC_LIMIT_WARPS, "warps"}, {OCC_LIMIT_BLOCKS, "blocks"},
	};
	for (const auto &n : names)
		if (factors & n.factor)
			return n.name;
	return "";
}

static int answer(const device &d, int registers, size_t shared, size_t dynamic, int block, const char *symbol)
{
	cudaOccDeviceProp device_properties = properties_of(d);
	cudaOccDeviceState state = {};
	cudaOccFuncAttributes attributes = {};
	cudaOccResult result;
	attributes.maxThreadsPerBlock = 1024;
	attributes.numRegs = registers;
	attributes.sharedSizeBytes = shared;
	attributes.partitionedGCConfig = PARTITIONED_GC_OFF;
	attributes.shmemLimitConfig = FUNC_SHMEM_LIMIT_OPTIN;
	size_t most = (size_t)d.shared_per_block;
	attributes.maxDynamicSharedSizeBytes = shared < most ? most - shared : 0;
	attributes.numBlockBarriers = 1;
	if (cudaOccMaxActiveBlocksPerMultiprocessor(&result, &device_properties, &attributes, &state, block, dynamic) !=
	    CUDA_OCC_SUCCESS)
		return 1;
	int blocks = result.activeBlocksPerMultiprocessor, warps = blocks * ((block + 31) / 32);
	printf("%s\t%s\t%s\t%d\t%d\t%.17g\t%s\n", short_name(symbol).c_str(), d.name, d.arch, blocks, warps,
	       (double)warps / (d.threads_per_sm / 32), limit_name(result.limitingFactors));
	return 0;
}

int main(int argc, char **argv)
{
	char name[32], symbol[8192];
	int registers, block;
	size_t shared, dynamic;
	if (argc > 1 && !strcmp(argv[1], "devices")) {
		for (const device &d : devices)
			printf("%s\t%s\n", d.name, d.arch);
		return 0;
	}
	while (scanf("%31s %d %zu %zu %d %8191s", name, &registers, &shared, &dynamic, &block, symbol) == 6) {
		const device *found = nullptr;
		for (const device &d : devices)
			if (!strcmp(d.name, name))
				found = &d;
		if (!found || answer(*found, registers, shared, dynamic, block, symbol)) {
			fprintf(stderr, "no occupancy for %s on %s\n", symbol, name);
			return 1;
		}
	}
	return 0;
}
