"""``prefect completion``: the scripts that teach a shell to complete the command.

The scripts are our own, so that they are the same with every version of click; they speak to click's completion, whose
answer is one ``type,value`` a line for bash, three lines (type, value, help) for zsh, and ``type,value<TAB>help`` for fish.

Source: users ask for completion that is printed by a command and never edits a dotfile.
"""

from __future__ import annotations

import click

_BASH = r"""# bash completion of prefect. Generated: prefect completion bash
# Use it now:      eval "$(prefect completion bash)"
# Use it always:   prefect completion bash > ~/.local/share/bash-completion/completions/prefect

_prefect_completion() {
    local IFS=$'\n' response line kind value i
    local -a words=()
    for (( i = 0; i <= COMP_CWORD; i++ )); do
        # bash takes --name=value for three words.
        if [[ ${COMP_WORDS[i]} != "=" ]]; then
            words+=("${COMP_WORDS[i]}")
        elif (( i == COMP_CWORD )); then
            words+=("")
        fi
    done
    response=$(COMP_WORDS="${words[*]}" COMP_CWORD=$(( ${#words[@]} - 1 )) _PREFECT_COMPLETE=bash_complete "$1" 2>/dev/null)
    COMPREPLY=()
    for line in $response; do
        kind=${line%%,*}
        value=${line#*,}
        case $kind in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            plain) COMPREPLY+=("$value") ;;
        esac
    done
    # A folder and the name of a parameter are only begun.
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[/=] ]]; then
        compopt -o nospace
    fi
}

complete -F _prefect_completion prefect
"""

_ZSH = r"""#compdef prefect
# zsh completion of prefect. Generated: prefect completion zsh
# Use it now:      eval "$(prefect completion zsh)"
# Use it always:   prefect completion zsh > a file called _prefect in a folder of $fpath

_prefect_completion() {
    local -a response described plain open
    local kind value help
    response=("${(@f)$(COMP_WORDS="${words[*]}" COMP_CWORD=$((CURRENT-1)) _PREFECT_COMPLETE=zsh_complete prefect 2>/dev/null)}")
    for kind value help in "${response[@]}"; do
        case $kind in
            dir) _path_files -/ ;;
            file) _path_files ;;
            plain)
                # A folder and the name of a parameter are only begun.
                if [[ $value == *[/=] ]]; then
                    open+=("$value")
                elif [[ $help == "_" ]]; then
                    plain+=("$value")
                else
                    described+=("$value:$help")
                fi ;;
        esac
    done
    (( $#described )) && _describe -V unsorted described -U
    (( $#plain )) && compadd -U -V unsorted -a plain
    (( $#open )) && compadd -U -S '' -V unsorted -a open
    return 0
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _prefect_completion "$@"
else
    compdef _prefect_completion prefect
fi
"""

_FISH = r"""# fish completion of prefect. Generated: prefect completion fish
# Use it now:      prefect completion fish | source
# Use it always:   prefect completion fish > ~/.config/fish/completions/prefect.fish

function _prefect_completion
    set -l response (env _PREFECT_COMPLETE=fish_complete COMP_WORDS=(commandline -cp | string collect) \
        COMP_CWORD=(commandline -t | string collect) prefect 2>/dev/null)
    for line in $response
        set -l parts (string split -m 1 "," -- $line)
        switch $parts[1]
            case dir
                __fish_complete_directories $parts[2]
            case file
                __fish_complete_path $parts[2]
            case plain
                echo -- $parts[2]
        end
    end
end

complete --no-files --command prefect --arguments "(_prefect_completion)"
"""

#: Shell → its script.
SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}


EPILOG = """\b
Examples:
  bash
    $ eval "$(prefect completion bash)"
  zsh
    $ eval "$(prefect completion zsh)"
  fish
    $ prefect completion fish | source
"""


@click.command("completion", epilog=EPILOG)
@click.argument("shell", type=click.Choice(sorted(SCRIPTS)))
def completion(shell: str) -> None:
    """Print the completion script of a shell.

    Nothing is installed or changed. The script completes commands, options, and values: files and modules, the names of
    the flows in them, and their parameters, for which the file or module is loaded, for two seconds at most.
    """
    click.echo(SCRIPTS[shell], nl=False)
