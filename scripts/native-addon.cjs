// In place of the package `bindings`, which looks for an addon in a dozen places: npm puts it into this one.
module.exports = (name) => require(require.resolve(`better-sqlite3/build/Release/${name}`));
