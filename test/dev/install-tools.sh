#!/usr/bin/env bash
# Installs the Debian packages that tests use, those that are missing and no others.
set -euo pipefail
declare -A program=([ffmpeg]=ffmpeg [libxml2-utils]=xmllint [vlc-bin]=cvlc [curl]=curl [iproute2]=ip [hdhomerun-config]=hdhomerun_config
  [gupnp-tools]=gssdp-discover [python3-minimal]=python3 [xmltv-util]=tv_sort)
missing=()
for package in "${!program[@]}"; do
  command -v "${program[$package]}" > /dev/null || missing+=("$package")
done
# VLC without its plugins starts and plays nothing.
if command -v dpkg > /dev/null && ! dpkg -s vlc-plugin-base > /dev/null 2>&1; then missing+=(vlc-plugin-base); fi
[ ${#missing[@]} -eq 0 ] && exit 0
if ! command -v apt-get > /dev/null; then
  echo "The tests need these programs: ${missing[*]}. Install them with your package manager." >&2
  exit 1
fi
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo)
echo "Installing for the tests: ${missing[*]}"
"${as_root[@]}" apt-get update -qq
DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null
