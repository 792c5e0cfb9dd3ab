import { writeSmallRepositories } from '../repository/build.ts';
import { machineOf } from '../repository/machine.ts';
import { smallPackages } from '../repository/small-packages.ts';

// small-repositories ROOT DIRECTORY: writes two repositories, repo-1 and repo-2, into DIRECTORY, for the machine and
// the system that ROOT is made for: the small packages, or, with JTX_LAB_FIXTURE_REPOSITORIES, those of the fixtures.
const [root = '', directory = ''] = process.argv.slice(2);
const small = process.env['JTX_LAB_FIXTURE_REPOSITORIES'] ? () => [] : smallPackages;
await writeSmallRepositories(directory, machineOf(root), small);
