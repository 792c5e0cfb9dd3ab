// Loaded into jtx by NODE_OPTIONS=--require: kills it with SIGKILL at one of the points at which what the world
// knows changes. Points are counted from 1: before each outside command, while it runs, when it has ended, and
// before each write to SQLite (which is after the one before it). KILL_AT=0 kills nowhere and writes their number to
// KILL_COUNT. With KILL_FILES also before each file is removed.
const childProcess = require('node:child_process');
const { syncBuiltinESMExports } = require('node:module');
const fs = require('node:fs');
const { writeFileSync } = fs;
// The addon, not the package: jtx has the package's JavaScript in its own files, and shares only this with others.
const { Database } = require('../../node_modules/better-sqlite3/build/Release/better_sqlite3.node');

const killAt = Number(process.env.KILL_AT ?? '0');
const countFile = process.env.KILL_COUNT;
let points = 0;
const names = [];

function point(name) {
  points += 1;
  names.push(name);
  if (points === killAt) process.kill(process.pid, 'SIGKILL');
}

const spawn = childProcess.spawn;
childProcess.spawn = function spawnAndCount(...args) {
  const name = [args[0], ...(Array.isArray(args[1]) ? args[1] : [])].join(' ').slice(0, 200);
  point(`before ${name}`);
  const child = spawn.apply(this, args);
  point(`during ${name}`);
  child.prependListener('exit', () => point(`after ${name}`));
  return child;
};
if (process.env.KILL_FILES) {
  const rmSync = fs.rmSync;
  fs.rmSync = function removeAndCount(file, ...args) {
    point(`before rm ${file}`);
    return rmSync.call(this, file, ...args);
  };
}
syncBuiltinESMExports();

const prepare = Database.prototype.prepare;
Database.prototype.prepare = function prepareAndCount(sql, ...others) {
  const statement = prepare.call(this, sql, ...others);
  const run = statement.run;
  statement.run = function runAndCount(...args) {
    point(`before ${sql.trim().split('\n')[0].slice(0, 80)}`);
    return run.apply(this, args);
  };
  return statement;
};
const exec = Database.prototype.exec;
Database.prototype.exec = function execAndCount(sql) {
  point(`before ${sql.trim().split('\n')[0].slice(0, 80)}`);
  return exec.call(this, sql);
};

process.on('exit', () => {
  if (countFile) writeFileSync(countFile, JSON.stringify({ points, names }));
});
