#compdef prefect
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
