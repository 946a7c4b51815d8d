# Installs what a Debian machine with a Rust toolchain may lack: a C compiler (for zstd and blake3), Python with venv
# (for the tests of readers and of the package), R (for its functions), Chromium (for reports), a Vulkan driver in software where there
# is none (for the GPU tests), and clang (for what fast mathematics makes of the shaders). Sourced
# by the scripts that need it; without root it says what is missing and goes on.

missing_packages() {
    command -v cc >/dev/null || echo gcc libc6-dev
    command -v python3 >/dev/null || echo python3
    python3 -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
    has_r || echo r-base-core r-cran-jsonlite
    command -v chromium >/dev/null || echo chromium
    has_vulkan_driver || echo mesa-vulkan-drivers
    compgen -c 'clang++' >/dev/null || echo clang
}

# The newest clang of the distribution: the package without a number may be older.
newest_clang() {
    apt-cache search --names-only '^clang-[0-9]+$' | cut -d ' ' -f 1 | sort -V | tail -n 1 | grep . || echo clang
}

has_r() {
    command -v Rscript >/dev/null && Rscript -e 'quit(status = !requireNamespace("jsonlite"))' 2>/dev/null
}

# Whether a driver is installed, of a real GPU or in software. Elsewhere than on Linux there is another
# interface.
has_vulkan_driver() {
    [[ $OSTYPE != linux* || -n ${VK_DRIVER_FILES:-} ]] ||
        compgen -G '/usr/share/vulkan/icd.d/*.json' >/dev/null || compgen -G '/etc/vulkan/icd.d/*.json' >/dev/null
}

say_missing_packages() {
    local packages
    mapfile -t packages < <(missing_packages | tr ' ' '\n')
    if ((${#packages[@]} > 0)); then
        echo "Missing, and not installed: ${packages[*]}" >&2
    fi
}

install_missing_packages() {
    local packages
    mapfile -t packages < <(missing_packages | tr ' ' '\n')
    if ((${#packages[@]} == 0)); then
        return
    fi
    if [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
        apt-get update
        packages=("${packages[@]/#clang/$(newest_clang)}")
        DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${packages[@]}"
    else
        echo "Not installed, for want of root or apt-get: ${packages[*]}" >&2
    fi
}

# Unpacks SwiftShader, a second Vulkan driver in software, from Debian's Chromium into a folder, unless it
# is there. Fails where that is not to be had.
fetch_swiftshader() {
    local folder=$1 files=(libvk_swiftshader.so vk_swiftshader_icd.json) temporary fetched=0
    if [[ -f $folder/${files[0]} && -f $folder/${files[1]} ]]; then
        return
    fi
    if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
        return 1
    fi
    temporary=$(mktemp -d)
    # apt downloads as a user of its own.
    chmod a+rwx "$temporary"
    (
        cd "$temporary" &&
            { apt-get download chromium-common || { apt-get update && apt-get download chromium-common; }; } &&
            dpkg-deb -x chromium-common_*.deb .
    ) && mkdir -p "$folder" && cp "${files[@]/#/$temporary/usr/lib/chromium/}" "$folder" || fetched=1
    rm -rf "$temporary"
    return $fetched
}

# Cargo, of the toolchain that `rust-toolchain.toml` names where rustup has it or can fetch it.
require_cargo() {
    if ! command -v cargo >/dev/null; then
        echo "cargo is not on the path: install a Rust toolchain from https://rustup.rs" >&2
        exit 1
    fi
    if ! cargo --version >/dev/null 2>&1; then
        export RUSTUP_TOOLCHAIN=stable
        echo "The toolchain of rust-toolchain.toml is not there: $(cargo --version) instead" >&2
    fi
}
