// In place of child_process for the package `commander`, which runs no program for jtx.
module.exports = {};
