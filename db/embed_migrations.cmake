# Writes OUTPUT, a C file that holds every .sql file of FOLDER: its name and its bytes with a NUL.
# Run by the build: cmake -DFOLDER=… -DOUTPUT=… -P embed_migrations.cmake
file(GLOB files ${FOLDER}/*.sql)
list(SORT files)
set(arrays "")
set(table "")
set(number 0)
foreach(path ${files})
	get_filename_component(name ${path} NAME_WE)
	file(READ ${path} hex HEX)
	string(REGEX REPLACE "................................" "\\0\n" lines "${hex}")
	string(REGEX REPLACE "[0-9a-f][0-9a-f]" "0x\\0," bytes "${lines}")
	string(APPEND arrays "static const unsigned char sql_${number}[] = {\n${bytes}0x00\n};\n")
	string(APPEND table "\t{ \"${name}\", (const char *)sql_${number}, sizeof(sql_${number}) - 1 },\n")
	math(EXPR number "${number} + 1")
endforeach()
file(WRITE ${OUTPUT}
	"/* Generated from migrations/ by the build. */\n"
	"#include \"db/migration_files.h\"\n\n"
	"${arrays}\n"
	"const struct migration_file migration_files[] = {\n${table}};\n"
	"const size_t migration_files_count = ${number};\n")
