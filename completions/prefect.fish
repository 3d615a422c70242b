# fish completion of prefect. Generated: prefect completion fish
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
