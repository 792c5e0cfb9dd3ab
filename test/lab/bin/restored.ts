import { restoredManifest } from '../restored.ts';

// restored TARGET JAIL BACKUP [PASSPHRASE]: prints the manifest of a jail as a target has it at a backup.
const [target = '', jail = '', backup = '', passphrase] = process.argv.slice(2);
process.stdout.write(await restoredManifest(target, jail, backup, passphrase));
