#!/bin/bash
# build.sh OUTDIR: make the announcements of manifest.tsv and the music on hold for Asterisk.
#
#   OUTDIR/zh/hotline/KEY.wav, OUTDIR/en/hotline/KEY.wav   8 kHz, 16 bit, mono (what Asterisk's format_wav reads)
#   OUTDIR/../moh/calm.wav                                 music on hold, synthesised here, ours
#   OUTDIR/beep.wav                                        the tone before a voicemail
#
# A recording studio/LANG/KEY.wav wins over the synthetic voice. Only what changed is made again: OUTDIR/.made holds
# the hash of what each file was made from.
set -euo pipefail

readonly REV=1 # raise it when the same text must sound different
out=$(realpath -m "${1:?usage: build.sh OUTDIR}")
here=$(cd "$(dirname "$0")" && pwd)
moh=$(dirname "$out")/moh
made=$out/.made
jobs=$(nproc)

mkdir -p "$out"/{zh,en}/hotline "$moh" "$made"

# level: the same loudness for voices and studio recordings, in the format that Asterisk plays without transcoding.
level() { sox -V1 "$1" -r 8000 -b 16 -c 1 -e signed-integer -t wav "$2" highpass 120 gain -n -4 pad 0.1 0.2; }

# speak TEXT LANG FILE. Pinyin is read by the pinyin voice: the plain Mandarin one spells Latin text as English.
speak() {
  local voice speed
  case $2 in zh) voice=cmn-latn-pinyin speed=170 ;; en) voice=en-us speed=150 ;; esac
  espeak-ng -v "$voice" -s "$speed" -w "$3.raw.wav" -- "$1"
  level "$3.raw.wav" "$3.new"
  rm -f "$3.raw.wav"
}

# prompt LANG KEY TEXT HASH
prompt() {
  local file=$out/$1/hotline/$2.wav studio=$here/studio/$1/$2.wav
  if [ -f "$studio" ]; then level "$studio" "$file.new"; else speak "$3" "$1" "$file"; fi
  mv "$file.new" "$file" # complete or not there: Asterisk may be running
  echo "$4" >"$made/$1-$2"
}

# What each file would be made from, hashed in one go.
list=$(mktemp)
trap 'rm -rf "$list" "$list.d"' EXIT
mkdir "$list.d"
while IFS=$'\t' read -r key zh pinyin en; do
  case $key in '' | '#'*) continue ;; esac
  [ -n "$zh" ] && [ -n "$pinyin" ] && [ -n "$en" ] || { echo "build.sh: $key in manifest.tsv is not complete" >&2; exit 1; }
  for lang in zh en; do
    text=$pinyin
    [ $lang = en ] && text=$en
    studio=$here/studio/$lang/$key.wav
    { echo "$REV $lang"; if [ -f "$studio" ]; then cat "$studio"; else echo "$text"; fi; } >"$list.d/$lang-$key"
    printf '%s\t%s\t%s\n' "$lang" "$key" "$text" >>"$list"
  done
done <"$here/manifest.tsv"
declare -A hash
while read -r sum name; do hash[$name]=$sum; done < <(cd "$list.d" && sha256sum ./* | sed 's# \./# #')

count=0 pids=()
while IFS=$'\t' read -r lang key text; do
  want=${hash[$lang-$key]}
  if [ -f "$out/$lang/hotline/$key.wav" ] && [ "$(cat "$made/$lang-$key" 2>/dev/null)" = "$want" ]; then continue; fi
  prompt "$lang" "$key" "$text" "$want" &
  pids+=($!)
  count=$((count + 1))
  while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do wait -n || true; done
done <"$list"
for pid in "${pids[@]}"; do wait "$pid" || { echo "build.sh: a prompt could not be made" >&2; exit 1; }; done

# A prompt that left the manifest must not go on being played.
for file in "$out"/{zh,en}/hotline/*.wav; do
  [ -e "$file" ] || continue
  lang=$(basename "$(dirname "$(dirname "$file")")") key=$(basename "$file" .wav)
  [ -n "${hash[$lang-$key]:-}" ] || rm -f "$file" "$made/$lang-$key"
done

# Music: eight plucked chords of four seconds, the last notes of each ringing into the next, quiet enough for a telephone.
if [ "$(cat "$made/moh" 2>/dev/null)" != "$REV" ] || [ ! -f "$moh/calm.wav" ]; then
  work=$(mktemp -d)
  n=0
  for chord in "C4 E4 G4 C5" "A3 C4 E4 A4" "F3 A3 C4 F4" "G3 B3 D4 G4" "E3 G3 B3 E4" "A3 C4 E4 A4" "F3 A3 C4 F4" "G3 D4 G4 B4"; do
    read -r a b c d <<<"$chord"
    sox -V1 -n -r 8000 -b 16 -c 4 "$work/$n.wav" synth 4 pluck "$a" pluck "$b" pluck "$c" pluck "$d" \
      delay 0 0.5 1 1.5 trim 0 4 remix 1-4 fade t 0.02 4 0.4
    n=$((n + 1))
  done
  sox -V1 "$work"/[0-7].wav -r 8000 -b 16 -c 1 -t wav "$moh/calm.wav.new" lowpass 2500 gain -n -12
  mv "$moh/calm.wav.new" "$moh/calm.wav"
  rm -rf "$work"
  echo "$REV" >"$made/moh"
  count=$((count + 1))
fi
# The tone before a message: Asterisk looks for the file "beep" (main/app.c, __ast_play_and_record), and ships it with
# sounds that we do not use.
if [ ! -f "$out/beep.wav" ]; then
  sox -V1 -n -r 8000 -b 16 -c 1 -t wav "$out/beep.wav.new" synth 0.4 sine 850 fade t 0.02 0.4 0.02 gain -n -12
  mv "$out/beep.wav.new" "$out/beep.wav"
  count=$((count + 1))
fi
echo "  prompts: $count made, $((${#hash[@]} + 2)) in all"
