return {
	name = "x"
	role = "y",
}
