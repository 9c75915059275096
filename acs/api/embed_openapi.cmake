# Writes OUTPUT, a C source with the bytes of INPUT and a NUL as openapi_document.
file(READ ${INPUT} bytes HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
string(REGEX REPLACE "(................................................................................)"
	"\\1\n" bytes "${bytes}")
file(WRITE ${OUTPUT} "#include \"acs/api/openapi.h\"\n\nconst char openapi_document[] = {\n${bytes}0x00\n};\n")
