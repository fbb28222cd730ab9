// Scripts for shells. Each asks the program for the words: what they know is never out of date.

const BASH = `# rpc for bash: put this line into ~/.bashrc
# source <(rpc completion bash)
_rpc() {
  local word trimmed rest=\${COMP_LINE:0:COMP_POINT} last=-1
  local -a line=()
  # bash ends words at : and = too; what no space stands before goes on.
  for word in "\${COMP_WORDS[@]:0:COMP_CWORD+1}"; do
    trimmed=\${rest#"\${rest%%[![:space:]]*}"}
    if (( last >= 0 )) && [[ $trimmed == "$rest" ]]; then line[last]+=$word
    else line[++last]=$word; fi
    rest=\${trimmed#"$word"}
  done
  # It puts the answer in the place of what stands behind the last of them.
  local before=\${line[last]%"$2"}
  COMPREPLY=()
  while IFS=$'\\t' read -r word _; do
    word=\${word#"$before"}
    # Quoted: it stands on the line as it is, and servers choose it.
    [[ -n $word ]] && printf -v word %q "$word" && COMPREPLY+=("$word")
  done < <(rpc completion words -- "\${line[@]:1}" 2>/dev/null)
}
complete -o default -F _rpc rpc`;

const ZSH = `#compdef rpc
# rpc for zsh: put this line into ~/.zshrc, behind compinit
# source <(rpc completion zsh)
_rpc() {
  local line
  local -a found
  for line in "\${(@f)$(rpc completion words -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -n $line ]] && found+=("\${\${line%%$'\\t'*}//:/\\\\:}\${\${(M)line%$'\\t'*}/$'\\t'/:}")
  done
  if (( $#found )); then _describe rpc found; else _files; fi
}
compdef _rpc rpc`;

const FISH = `# rpc for fish: put this line into ~/.config/fish/config.fish
# rpc completion fish | source
function __rpc_words
    set -l line (commandline -opc) (commandline -ct)
    set -l found (rpc completion words -- $line[2..-1] 2>/dev/null)
    if test (count $found) -gt 0
        printf '%s\\n' $found
    else
        __fish_complete_path (commandline -ct)
    end
end
complete -c rpc -f -a '(__rpc_words)'`;

export const SCRIPTS: Readonly<Record<string, string>> = { bash: BASH, zsh: ZSH, fish: FISH };
