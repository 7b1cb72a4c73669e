-- What the site is called, who writes it, and the order of its essays.
return {
	name = "Mani Pal",
	role = "Engineer-researcher",
	tagline = "LLM systems, CUDA kernels, inference optimization, compression, interpretability, and distributed AI infrastructure.",
	section = {
		title = "Writing",
		lead = "Technical essays with equations, code, and citations",
		about = "These notes are written for readers who already understand modern ML systems. They emphasize mechanisms, tradeoffs, and reproducible engineering observations.",
	},
	url = "https://example.org/",
	language = "en",
	order = { "attention-io" },
}
