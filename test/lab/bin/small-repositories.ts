import { writeSmallRepositories } from '../repository/build.ts';
import { machineOf } from '../repository/machine.ts';

// small-repositories ROOT DIRECTORY: writes the small packages' two repositories, repo-1 and repo-2, into DIRECTORY,
// for the machine and the system that ROOT is made for.
const [root = '', directory = ''] = process.argv.slice(2);
await writeSmallRepositories(directory, machineOf(root));
