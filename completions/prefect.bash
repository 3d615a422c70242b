# bash completion of prefect. Generated: prefect completion bash
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
