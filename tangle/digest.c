/* SHA-256 through libcrypto, which uses the processor's own instructions for it. */
#include "digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

#include "arena.h"
#include "diag.h"

/* Looked up once: the fetch costs more than hashing a small key. The system's openssl.cnf is nothing to us. */
static const EVP_MD *sha256(void)
{
	static EVP_MD *md;
	if (!md)
		OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	if (!md && !(md = EVP_MD_fetch(NULL, "SHA256", NULL)))
		fatal("libcrypto has no SHA-256");
	return md;
}

static EVP_MD_CTX *state_of(struct hash *h)
{
	if (!h->state) {
		EVP_MD_CTX *ctx = EVP_MD_CTX_new();
		if (!ctx || !EVP_DigestInit_ex2(ctx, sha256(), NULL))
			fatal("cannot start a SHA-256 digest");
		h->state = ctx;
	}
	return h->state;
}

void hash_bytes(struct hash *h, const void *at, size_t len)
{
	if (!EVP_DigestUpdate(state_of(h), at, len))
		fatal("cannot go on with a SHA-256 digest");
}

void hash_str(struct hash *h, Str s)
{
	hash_int(h, (int64_t)s.len);
	hash_bytes(h, s.at, s.len);
}

void hash_int(struct hash *h, int64_t number)
{
	unsigned char little[8];
	for (int i = 0; i < 8; i++)
		little[i] = (unsigned char)((uint64_t)number >> (8 * i));
	hash_bytes(h, little, sizeof little);
}

void hash_digest(struct hash *h, Digest d)
{
	hash_bytes(h, d.byte, sizeof d.byte);
}

Digest hash_done(struct hash *h)
{
	Digest d;
	if (!EVP_DigestFinal_ex(state_of(h), d.byte, NULL))
		fatal("cannot end a SHA-256 digest");
	EVP_MD_CTX_free(h->state);
	h->state = NULL;
	return d;
}

Digest digest_of(Str bytes)
{
	struct hash h = {0};
	hash_bytes(&h, bytes.at, bytes.len);
	return hash_done(&h);
}

bool digest_eq(Digest a, Digest b)
{
	return !memcmp(a.byte, b.byte, sizeof a.byte);
}

bool digest_is_zero(Digest d)
{
	static const Digest zero;
	return digest_eq(d, zero);
}

Str digest_text(struct arena *a, Digest d)
{
	char *text = NEWS(a, char, DIGEST_TEXT + 1);
	for (size_t i = 0; i < sizeof d.byte; i++) {
		text[2 * i] = "0123456789abcdef"[d.byte[i] >> 4];
		text[2 * i + 1] = "0123456789abcdef"[d.byte[i] & 15];
	}
	return (Str){text, DIGEST_TEXT};
}

static int hex_value(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool digest_parse(Str text, Digest *d)
{
	if (text.len != DIGEST_TEXT)
		return false;
	for (size_t i = 0; i < sizeof d->byte; i++) {
		int high = hex_value(text.at[2 * i]), low = hex_value(text.at[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		d->byte[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}
