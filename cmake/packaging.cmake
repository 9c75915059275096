# What `cmake --install` puts where a distribution expects it; the programs install themselves in
# their folders.
add_custom_command(
	OUTPUT ${CMAKE_BINARY_DIR}/acs.conf
	COMMAND $<TARGET_FILE:acs-server> check-config --sample > ${CMAKE_BINARY_DIR}/acs.conf
	DEPENDS acs-server
	VERBATIM)
add_custom_target(sample-configuration ALL DEPENDS ${CMAKE_BINARY_DIR}/acs.conf)

install(DIRECTORY cpe/models/ DESTINATION ${CMAKE_INSTALL_DATADIR}/acs/models)
install(FILES README.md CHANGELOG.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR})

# The unit names the paths that the programs and the configuration are installed at, which only
# `cmake --install --prefix` knows. Below /usr the configuration belongs in /etc.
install(CODE "
	set(source \"${CMAKE_CURRENT_SOURCE_DIR}\")
	set(build \"${CMAKE_BINARY_DIR}\")
	set(bin \"${CMAKE_INSTALL_BINDIR}\")
	set(doc \"${CMAKE_INSTALL_DOCDIR}\")
")
install(CODE [[
	set(etc "${CMAKE_INSTALL_PREFIX}/etc")
	if(CMAKE_INSTALL_PREFIX STREQUAL "/usr")
		set(etc "/etc")
	endif()
	configure_file("${source}/packaging/acs.service.in" "${build}/acs.service" @ONLY)
	file(INSTALL "${build}/acs.service" DESTINATION "${CMAKE_INSTALL_PREFIX}/lib/systemd/system")
	file(INSTALL "${source}/packaging/acs.sysusers" DESTINATION "${CMAKE_INSTALL_PREFIX}/lib/sysusers.d"
		RENAME acs.conf)
	file(INSTALL "${build}/acs.conf" DESTINATION "${etc}/acs")
]])
