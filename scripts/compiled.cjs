// Gives what the program in `parts` beside it exports. V8 takes up what it made of each part when it was built, where this
// is the same node; else it makes it anew, and all of them take as long as node's own start.
const { mkdirSync, readdirSync, readFileSync, writeFileSync } = require('node:fs');
const { basename, join } = require('node:path');
const { Script } = require('node:vm');

const parts = join(__dirname, 'parts');
const kept = join(__dirname, `made-${process.platform}-${process.arch}-${process.version}`);
const reached = new Map();

function read(file) {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

// The parts are ASCII.
function compile(name) {
  const filename = join(parts, name);
  return new Script(readFileSync(filename, 'latin1'), { filename, cachedData: read(join(kept, name)) });
}

function part(name) {
  const known = reached.get(name);
  if (known) return known.module.exports;
  const module = { exports: {} };
  const script = compile(name);
  reached.set(name, { module, script });
  script.runInThisContext()(module.exports, reach, module);
  return module.exports;
}

function reach(id) {
  return id.startsWith('.') ? part(basename(id)) : require(id);
}

reach.resolve = require.resolve;

module.exports = part('program.js');

if (require.main === module) {
  // The build starts it so, to keep what V8 makes of all parts, and of what these command lines need in them, however
  // they end.
  process.on('exit', () => {
    mkdirSync(kept);
    for (const name of readdirSync(parts))
      writeFileSync(join(kept, name), (reached.get(name)?.script ?? compile(name)).createCachedData());
    process.exitCode = 0;
  });
  (async () => {
    for (const line of process.argv.slice(2)) await module.exports.main(line.split(' '));
  })();
}
