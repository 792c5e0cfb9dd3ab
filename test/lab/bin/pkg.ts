import { main } from '../pkg/main.ts';

main(process.argv.slice(2));
