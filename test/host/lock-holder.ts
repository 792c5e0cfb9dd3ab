// A process of its own that takes a lock, says so, and keeps it until it is killed.
import { lockRoot } from '../../src/host/lock.ts';

lockRoot(process.argv[2] ?? '', process.argv[3] ?? '');
process.stdout.write('locked\n');
setInterval(() => {}, 1000);
