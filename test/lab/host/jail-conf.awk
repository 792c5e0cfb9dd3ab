# jail.conf(5) as `jail -e SEPARATOR` prints it: a jail a line, variables expanded, wildcards applied
# (test/fixtures/freebsd/set-aside-diff-jail-e.txt). Variables: sep, file; lists, which joins
# the values of a list (a comma; with another, nothing is quoted). Until then \003 joins them.
function fail(what) { print "jail: " file ": " what > "/dev/stderr"; failed = 1; exit 1 }

# The next token: kind is "word", "punctuation" or "end". A "$" that is to be expanded becomes \001.
function next_token(   c, two, quote, started) {
  token = ""; kind = "end"; started = 0
  while (at <= length(text)) {
    c = substr(text, at, 1); two = substr(text, at, 2)
    if (c == "#" || two == "//") { if (started) return; while (at <= length(text) && substr(text, at, 1) != "\n") at++; continue }
    if (two == "/*") { if (started) return; c = index(substr(text, at), "*/"); if (!c) fail("unterminated comment"); at += c + 1; continue }
    if (c ~ /[ \t\n\r]/) { at++; if (started) return; continue }
    if (two == "+=" || c ~ /[{}=;,]/) {
      if (started) return
      kind = "punctuation"; token = two == "+=" ? two : c; at += length(token); return
    }
    kind = "word"; started = 1
    if (c == "\"" || c == "'") {
      quote = c
      for (at++; (c = substr(text, at, 1)) != quote; at++) {
        if (at > length(text)) fail("unterminated string")
        if (c == "\\" && quote == "\"") { at++; c = substr(text, at, 1) } else if (c == "$" && quote == "\"") c = "\001"
        token = token c
      }
      at++; continue
    }
    if (c == "\\") { at++; c = substr(text, at, 1) } else if (c == "$") c = "\001"
    token = token c; at++
  }
}

function set(block, key, value, more,   slot) {
  slot = block SUBSEP key
  if (!(slot in have)) { have[slot] = 1; keys[block, ++count[block]] = key; values[slot] = value }
  else values[slot] = more ? values[slot] "\003" value : value
}

# Parameters until the block ends. `*` is the block of the file itself: it holds for every jail.
function block_of(block,   key, value, more) {
  while (1) {
    next_token()
    if (kind == "end") { if (block == "") return; fail("unexpected EOF") }
    if (token == "}" && kind == "punctuation") { if (block != "") return; fail("syntax error") }
    if (token == ";" && kind == "punctuation") continue
    if (kind != "word") fail("syntax error")
    key = token; next_token()
    if (kind == "punctuation" && token == "{" && block == "") { blocks[++block_count] = key; block_of(key); continue }
    if (kind == "punctuation" && token == ";") { set(block, key, "\002"); continue }
    if (kind == "end") fail("unexpected EOF")
    if (kind != "punctuation" || token !~ /^\+?=$/) fail("syntax error")
    more = token == "+="
    do {
      next_token(); if (kind == "end") fail("unexpected EOF"); if (kind != "word") fail("syntax error")
      set(block, key, token, more); more = 1
      next_token()
    } while (kind == "punctuation" && token == ",")
    if (kind == "end") fail("unexpected EOF")
    if (kind != "punctuation" || token != ";") fail("syntax error")
  }
}

function matches(pattern, name) {
  if (pattern == "" || pattern == "*" || pattern == name) return 1
  return pattern ~ /\*$/ && substr(name, 1, length(pattern) - 1) == substr(pattern, 1, length(pattern) - 1)
}

function expand(value, name,   out, p, v) {
  while ((p = index(value, "\001")) > 0) {
    out = out substr(value, 1, p - 1); value = substr(value, p + 1)
    if (!match(value, /^\{[A-Za-z0-9_.]+\}/)) match(value, /^[A-Za-z0-9_]+/)
    v = substr(value, 1, RLENGTH); value = substr(value, RLENGTH + 1); gsub(/[{}]/, "", v)
    out = out (v == "name" ? name : "" expand(v in own ? own[v] : own["\001" v], name))
  }
  return out value
}

# As jail(8) does it: in quotes of the kind that the value does not have, with a backslash before another.
function quoted(value,   quote) {
  quote = value == "" || value ~ /'/ ? "\"" : value ~ /"/ ? "'" : value ~ /[ \t]/ ? "\"" : ""
  gsub(/\\/, "&&", value)
  if (value ~ /'/) gsub(/"/, "\\\"", value)
  return quote value quote
}

function joined(list,   n, i, one, out) {
  n = split(list, one, "\003")
  if (n == 0) return lists == "," ? quoted("") : ""
  for (i = 1; i <= n; i++) out = out (i > 1 ? lists : "") (lists == "," ? quoted(one[i]) : one[i])
  return out
}

function print_jail(name,   b, i, n, order, key, line) {
  split("", own)
  for (b = 0; b <= block_count; b++) {
    if (!matches(blocks[b], name)) continue
    for (i = 1; i <= count[blocks[b]]; i++) {
      key = keys[blocks[b], i]
      if (!(key in own)) order[++n] = key
      own[key] = values[blocks[b], key]
    }
  }
  if (("mount.devfs" in own) && !("devfs_ruleset" in own)) { order[++n] = "devfs_ruleset"; own["devfs_ruleset"] = 4 }
  line = "name=" name
  for (i = 1; i <= n; i++) {
    key = order[i]; if (substr(key, 1, 1) == "\001") continue
    if (own[key] == "\002") { line = line sep key; continue }
    line = line sep key "=" joined(expand(own[key], name))
  }
  print line
}

{ text = text $0 "\n" }
END {
  if (failed) exit 1
  at = 1; blocks[0] = ""; block_of("")
  for (j = 1; j <= block_count; j++) if (blocks[j] !~ /\*/ && !(blocks[j] in printed)) { printed[blocks[j]] = 1; print_jail(blocks[j]) }
}
