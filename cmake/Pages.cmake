# cmake -D PROGRAM=ketgrad -D PAGES=folder -P Pages.cmake: manual pages and completion, as the program
# prints them.
cmake_minimum_required(VERSION 3.25)
file(MAKE_DIRECTORY ${PAGES}/man1)

function(print file)
  execute_process(COMMAND ${PROGRAM} help ${ARGN}
    OUTPUT_FILE ${PAGES}/${file} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

execute_process(COMMAND ${PROGRAM} help OUTPUT_VARIABLE overview COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "\n  [a-z]+ " commands "${overview}")
print(man1/ketgrad.1 --man)
foreach(command IN LISTS commands)
  string(STRIP "${command}" command)
  print(man1/ketgrad-${command}.1 --man ${command})
endforeach()
print(ketgrad.bash --completion bash)
print(_ketgrad --completion zsh)
file(TOUCH ${PAGES}/done)
