// A process of its own that takes a lock, alone or shared, says so, and keeps it until it is killed.
import { lockRoot, lockShared } from '../../src/host/lock.ts';

const [directory = '', root = '', how] = process.argv.slice(2);
const lock =
  how === 'shared' ? lockShared(directory, root, { code: 'x', message: 'held' }) : lockRoot(directory, root);
process.stdout.write('locked\n');
setInterval(() => {}, 1000);
process.on('SIGTERM', () => lock.release());
