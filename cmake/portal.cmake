# The tests of the pages: some without a browser, and stories in Chromium with the real daemon.
function(stormdoor_portal_tests)
  set(web "${CMAKE_SOURCE_DIR}/portal/web")
  add_test(NAME portal.pages COMMAND npm run --silent test WORKING_DIRECTORY "${web}")
  set_tests_properties(portal.pages PROPERTIES LABELS "portal;repository" TIMEOUT 300)
  find_program(CHROMIUM_PROGRAM chromium)
  if(NOT CHROMIUM_PROGRAM)
    message(STATUS "Chromium is not installed: the stories in a browser are left out")
    return()
  endif()
  foreach(story guide trust actions watch pages many)
    add_test(NAME portal.story.${story} COMMAND node --test "test/browser/${story}.story.mjs" WORKING_DIRECTORY "${web}")
    set_tests_properties(portal.story.${story} PROPERTIES LABELS system TIMEOUT 900 RESOURCE_LOCK browser
      ENVIRONMENT "STORMDOOR_BIN=${CMAKE_RUNTIME_OUTPUT_DIRECTORY};CHROMIUM=${CHROMIUM_PROGRAM}")
  endforeach()
endfunction()

# The web pages: portal/web, built by npm, as a C++ source in a library of its own.
function(stormdoor_portal_pages)
  set(web "${CMAKE_SOURCE_DIR}/portal/web")
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${web}/src/*" "${web}/public/*")
  list(APPEND sources "${web}/index.html" "${web}/package.json" "${web}/package-lock.json" "${web}/.npmrc"
                      "${web}/tsconfig.json" "${web}/vite.config.ts" "${web}/embed.mjs")
  set(output "${CMAKE_BINARY_DIR}/portal_assets.cpp")
  add_custom_command(
    OUTPUT "${output}"
    COMMAND "${CMAKE_SOURCE_DIR}/scripts/build_portal.sh" "${output}"
    DEPENDS ${sources} "${CMAKE_SOURCE_DIR}/scripts/build_portal.sh"
    COMMENT "Building the portal's pages"
    VERBATIM)
  add_library(stormdoor_portal_assets STATIC "${output}" "${CMAKE_SOURCE_DIR}/portal/assets.cpp")
  target_include_directories(stormdoor_portal_assets PUBLIC "${CMAKE_SOURCE_DIR}")
  target_link_libraries(stormdoor_portal PUBLIC stormdoor_portal_assets)
endfunction()
