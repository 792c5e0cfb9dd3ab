import { writeFileSync } from 'node:fs';
import { generatedFiles } from './files.ts';

for (const [path, text] of await generatedFiles()) writeFileSync(path, text);
