# Installs what a Debian machine with a Rust toolchain may lack: a C compiler (for zstd) and Python with
# venv (for the reader tests). Sourced by the scripts that need it; without root it says what is missing
# and goes on.

missing_packages() {
    command -v cc >/dev/null || echo gcc libc6-dev
    command -v python3 >/dev/null || echo python3
    python3 -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
}

install_missing_packages() {
    local packages
    mapfile -t packages < <(missing_packages | tr ' ' '\n')
    if ((${#packages[@]} == 0)); then
        return
    fi
    if [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
        apt-get update
        DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${packages[@]}"
    else
        echo "Not installed, for want of root or apt-get: ${packages[*]}" >&2
    fi
}

require_cargo() {
    if ! command -v cargo >/dev/null; then
        echo "cargo is not on the path: install a Rust toolchain from https://rustup.rs" >&2
        exit 1
    fi
}
