/* What a compiled program asks of libm.
 *
 * An ELF file is a header, a table of sections, and the sections. Three of them
 * matter: the dynamic symbols, and beside it one number a symbol, which names
 * an entry in a chain of chains, the versions needed of each library. Every
 * offset in the file is checked against its size before it is followed. */
#include "elf.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

/* Copying out of the file takes care of alignment; byte order is the host's, which is little-endian. */
static bool read_at(Str from, uint64_t offset, void *to, size_t size)
{
	if (offset > from.len || size > from.len - offset)
		return false;
	memcpy(to, from.at + offset, size);
	return true;
}

/* The longest name believed. Strings may overlap, so without a bound a small file could spell gigabytes. */
enum { MAX_NAME = 65535 };

/* The NUL-terminated string at an offset of a string table. */
static bool string_at(Str strings, uint64_t offset, Str *s)
{
	if (offset >= strings.len)
		return false;
	const char *at = strings.at + offset;
	size_t room = strings.len - offset;
	const char *end = memchr(at, '\0', room < MAX_NAME ? room : MAX_NAME);
	if (!end)
		return false;
	*s = (Str){at, (size_t)(end - at)};
	return true;
}

static bool read_header(Str elf, Elf64_Ehdr *header)
{
	return read_at(elf, 0, header, sizeof *header) &&
	       !memcmp(header->e_ident, ELFMAG, SELFMAG) &&
	       header->e_ident[EI_CLASS] == ELFCLASS64 &&
	       header->e_ident[EI_DATA] == ELFDATA2LSB &&
	       (header->e_type == ET_EXEC || header->e_type == ET_DYN) &&
	       header->e_shentsize == sizeof(Elf64_Shdr);
}

static bool read_section(Str elf, const Elf64_Ehdr *header, uint32_t i, Elf64_Shdr *section)
{
	return i < header->e_shnum && header->e_shoff <= elf.len &&
	       read_at(elf, header->e_shoff + (uint64_t)i * sizeof *section, section, sizeof *section);
}

/* A section's bytes, and those of the string table it is linked to. */
struct contents {
	Str bytes, strings;
};

static bool section_bytes(Str elf, const Elf64_Shdr *section, Str *bytes)
{
	if (section->sh_offset > elf.len || section->sh_size > elf.len - section->sh_offset)
		return false;
	*bytes = (Str){elf.at + section->sh_offset, section->sh_size};
	return true;
}

static bool section_contents(Str elf, const Elf64_Ehdr *header, const Elf64_Shdr *section,
                             struct contents *c)
{
	Elf64_Shdr strings;
	return section_bytes(elf, section, &c->bytes) &&
	       read_section(elf, header, section->sh_link, &strings) &&
	       strings.sh_type == SHT_STRTAB &&
	       section_bytes(elf, &strings, &c->strings);
}

/* A symbol's version is a number of 15 bits; 0 and 1 stand for none. */
enum { MAX_VERSIONS = 0x8000, VERSION_MASK = 0x7fff };

/* Where the name of each version is in the needed versions' strings; 0, the empty string, if unknown. */
struct versions {
	uint32_t name[MAX_VERSIONS];
};

/* Read the versions needed of each library.
 *
 * Links in both chains only lead forward, and no more links than there can be
 * versions are followed, so that the walk ends soon in any file. */
static bool read_versions(Str needed, struct versions *v)
{
	int links = 0;
	uint64_t at = 0;
	for (bool more = needed.len > 0; more; ) {
		Elf64_Verneed library;
		if (++links > MAX_VERSIONS || !read_at(needed, at, &library, sizeof library))
			return false;
		uint64_t aux = at + library.vn_aux;
		for (int i = 0; i < library.vn_cnt; i++) {
			Elf64_Vernaux version;
			if (++links > MAX_VERSIONS || !read_at(needed, aux, &version, sizeof version))
				return false;
			v->name[version.vna_other & VERSION_MASK] = version.vna_name;
			aux += version.vna_next;
		}
		at += library.vn_next;
		more = library.vn_next != 0;
	}
	return true;
}

bool elf_undefined(Str elf, void (*found)(void *ctx, Str name, Str version), void *ctx)
{
	Elf64_Ehdr header;
	if (!read_header(elf, &header))
		return false;
	bool is_dynamic = false;
	bool has_symbols = false;
	struct contents symbols = {0};
	struct contents needed = {0};
	Str numbers = {0};
	for (uint32_t i = 0; i < header.e_shnum; i++) {
		Elf64_Shdr section;
		if (!read_section(elf, &header, i, &section))
			return false;
		bool ok = true;
		switch (section.sh_type) {
		case SHT_DYNAMIC:
			is_dynamic = true;
			break;
		case SHT_DYNSYM:
			has_symbols = true;
			ok = section_contents(elf, &header, &section, &symbols);
			break;
		case SHT_GNU_verneed:
			ok = section_contents(elf, &header, &section, &needed);
			break;
		case SHT_GNU_versym:
			ok = section_bytes(elf, &section, &numbers);
			break;
		}
		if (!ok)
			return false;
	}
	if (!header.e_shnum || (is_dynamic && !has_symbols))
		return false;
	struct versions versions = {0};
	if (!read_versions(needed.bytes, &versions))
		return false;
	for (size_t i = 0; i < symbols.bytes.len / sizeof(Elf64_Sym); i++) {
		Elf64_Sym symbol;
		memcpy(&symbol, symbols.bytes.at + i * sizeof symbol, sizeof symbol);
		if (symbol.st_shndx != SHN_UNDEF || !symbol.st_name)
			continue;
		Str name;
		Str version = {0};
		Elf64_Half number = 0;
		if (!string_at(symbols.strings, symbol.st_name, &name))
			return false;
		if (numbers.len && !read_at(numbers, i * sizeof number, &number, sizeof number))
			return false;
		uint32_t where = versions.name[number & VERSION_MASK];
		if (where && !string_at(needed.strings, where, &version))
			return false;
		found(ctx, name, version);
	}
	return true;
}

/* The functions of libm, by their double version, whose last bits IEEE 754 leaves open; in order of bytes.
 * Only these are listed: what is not here is exact or belongs to another library. */
static const char *const inexact[] = {
	"__clog10", "acos", "acosh", "acospi", "asin", "asinh", "asinpi", "atan", "atan2", "atan2pi",
	"atanh", "atanpi", "cabs", "cacos", "cacosh", "carg", "casin", "casinh", "catan", "catanh",
	"cbrt", "ccos", "ccosh", "cexp", "clog", "clog10", "compoundn", "cos", "cosh", "cospi",
	"cpow", "csin", "csinh", "csqrt", "ctan", "ctanh", "erf", "erfc", "exp", "exp10", "exp10m1",
	"exp2", "exp2m1", "expm1", "gamma", "hypot", "j0", "j1", "jn", "lgamma", "log", "log10",
	"log10p1", "log1p", "log2", "log2p1", "logp1", "pow", "pow10", "pown", "powr", "rootn",
	"rsqrt", "sin", "sincos", "sinh", "sinpi", "tan", "tanh", "tanpi", "tgamma", "y0", "y1", "yn",
};

static int by_name(const void *key, const void *row)
{
	return str_cmp(*(const Str *)key, str_of(*(const char *const *)row));
}

static bool is_inexact(Str name)
{
	return bsearch(&name, inexact, sizeof inexact / sizeof *inexact, sizeof *inexact, by_name);
}

/* Without the suffix, if it is there. */
static Str without(Str name, Str suffix)
{
	return str_ends(name, suffix) ? str_sub(name, 0, name.len - suffix.len) : name;
}

bool libm_is_exact(Str name)
{
	static const char *const types[] = {"", "f", "l", "f16", "f32", "f64", "f128", "f32x", "f64x"};
	if (str_starts(name, S("_ZGV")))        /* the vector versions: _ZGVbN2v_exp */
		return false;
	Str function = without(name, S("_r"));  /* lgammaf_r */
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (is_inexact(without(function, str_of(types[i]))))
			return false;
	return true;
}

const char *libm_substitute(Str name)
{
	static const char *const pairs[][2] = {
		{"exp", "weft_exp"}, {"expf", "weft_expf"}, {"log", "weft_log"}, {"logf", "weft_logf"},
	};
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
		if (str_eq(name, str_of(pairs[i][0])))
			return pairs[i][1];
	return NULL;
}
