# Sourced: install_packages GROUP... installs what packages.txt lists for those groups and is missing.

install_packages() {
  local groups=" $* " missing=() group package program
  while read -r group package program; do
    [[ -z "$group" || "$group" == \#* ]] && continue
    [[ "$groups" == *" $group "* ]] || continue
    [[ -n "$program" ]] && command -v "$program" >/dev/null && continue
    dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
  done < packages.txt
  ((${#missing[@]})) || return 0
  echo "Installing: ${missing[*]}"
  local as_root=()
  if ((EUID != 0)); then
    command -v sudo >/dev/null || {
      echo "These packages are missing and only root can install them: ${missing[*]}" >&2
      return 1
    }
    as_root=(sudo)
  fi
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}
