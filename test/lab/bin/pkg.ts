import { main } from '../pkg/main.ts';

await main(process.argv.slice(2));
