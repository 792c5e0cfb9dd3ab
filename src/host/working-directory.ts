import { chdir, cwd } from 'node:process';

/** Does something that takes no time and may change the working directory, and goes back to where it was. */
export function keepingDirectory<T>(action: () => T): T {
  const back = workingDirectory();
  try {
    return action();
  } finally {
    goBack(back);
  }
}

/** jtx may have been started in a directory that is gone by now. */
function workingDirectory(): string {
  try {
    return cwd();
  } catch {
    return '/';
  }
}

/** Node remembers the name of its working directory: that it is gone shows here first. */
function goBack(directory: string): void {
  try {
    chdir(directory);
  } catch {
    chdir('/');
  }
}
