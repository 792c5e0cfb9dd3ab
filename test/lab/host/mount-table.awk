# The mount table as FreeBSD's mount(8) prints it. Input: the stand-in's notes of nullfs mounts (ID TAB SOURCE), then
# /proc/self/mountinfo. Variables: json, only (a type, or empty).
function plain(s,   out) {
  while (match(s, /\\[0-7][0-7][0-7]/)) {
    out = out substr(s, 1, RSTART - 1) sprintf("%c", 64 * substr(s, RSTART + 1, 1) + 8 * substr(s, RSTART + 2, 1) + substr(s, RSTART + 3, 1))
    s = substr(s, RSTART + 4)
  }
  return out s
}
function quoted(s) { gsub(/\\/, "&&", s); gsub(/"/, "\\\"", s); gsub(/\n/, "\\n", s); gsub(/\t/, "\\t", s); return "\"" s "\"" }

FILENAME != "/proc/self/mountinfo" { at = index($0, "\t"); nullfs[substr($0, 1, at - 1)] = substr($0, at + 1); next }
{
  for (i = 7; i <= NF && $i != "-"; i++) { }
  type = $(i + 1); special = plain($(i + 2)); node = plain($5); options = ""
  if (type == "fuse.zfs") type = "zfs"
  else if (type == "tmpfs" && special ~ /^(devfs|fdescfs|procfs)$/) type = special
  if (($1 " " $5) in nullfs) { type = "nullfs"; special = nullfs[$1 " " $5] }
  if (only != "" && type != only) next
  n = split(type == "zfs" ? "local nfsv4acls" : type == "devfs" ? "" : "local", option, " ")
  if ($6 ~ /^ro(,|$)/) { for (j = ++n; j > 2; j--) option[j] = option[j - 1]; option[n < 2 ? 1 : 2] = "read-only" }
  if (!json) {
    line = special " on " node " (" type
    for (j = 1; j <= n; j++) line = line ", " option[j]
    print line ")"
    next
  }
  for (j = 1; j <= n; j++) options = options (j > 1 ? "," : "") quoted(option[j])
  entry = "{\"special\":" quoted(special) ",\"node\":" quoted(node) ",\"fstype\":" quoted(type) (n ? ", \"opts\": [" options "]" : "") "}"
  list = list (list == "" ? "" : ", ") entry
}
END { if (json) print "{\"mount\": {\"mounted\": [" list "]}}" }
