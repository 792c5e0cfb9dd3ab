// Ends with 0 where better-sqlite3 can be loaded, and outlives that memory is collected: see object-wrap.h.
const Database = require('better-sqlite3');

const database = new Database(':memory:');
for (let count = 0; count < 1000; count += 1) database.prepare('SELECT 1');
setImmediate(() => {
  let kept = [];
  for (let count = 0; count < 5_000_000; count += 1) kept = [kept.length, count];
});
