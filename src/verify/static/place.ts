const prefix = '^(?:/usr(?:/local)?)?/';
const programs = new RegExp(`${prefix}(?:bin|sbin|libexec|etc/rc\\.d)/`);
const libraries = new RegExp(`${prefix}lib/[^/]+\\.so[.0-9]*$`);
const debugging = /(?:^|\/)lib\/debug\/|\.debug$/;

/**
 * Whether a jail runs what lies here as it is. Elsewhere packages have examples, test data, firmware and what they keep
 * for other machines, and what is strange about those is told and no more.
 */
export function isRunFrom(path: string): boolean {
  return programs.test(path) || libraries.test(path);
}

/** Whether only a debugger reads what lies here: nothing can be loaded from it. */
export function isForDebugging(path: string): boolean {
  return debugging.test(path);
}
