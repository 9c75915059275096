# What `cmake --install` puts where a distribution expects it; the programs install themselves in
# their folders.
configure_file(packaging/acs.service.in ${CMAKE_BINARY_DIR}/acs.service @ONLY)
add_custom_command(
	OUTPUT ${CMAKE_BINARY_DIR}/acs.conf
	COMMAND $<TARGET_FILE:acs-server> check-config --sample > ${CMAKE_BINARY_DIR}/acs.conf
	DEPENDS acs-server
	VERBATIM)
add_custom_target(sample-configuration ALL DEPENDS ${CMAKE_BINARY_DIR}/acs.conf)

install(FILES ${CMAKE_BINARY_DIR}/acs.conf DESTINATION ${CMAKE_INSTALL_SYSCONFDIR}/acs)
install(FILES ${CMAKE_BINARY_DIR}/acs.service DESTINATION ${CMAKE_INSTALL_PREFIX}/lib/systemd/system)
install(DIRECTORY cpe/models/ DESTINATION ${CMAKE_INSTALL_DATADIR}/acs/models)
install(FILES README.md CHANGELOG.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR})
