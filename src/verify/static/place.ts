const prefix = '^(?:/usr(?:/local)?)?/';
const services = new RegExp(`${prefix}etc/rc\\.d/`);
const programs = new RegExp(`${prefix}(?:bin|sbin|libexec|etc/rc\\.d)/`);
const libraries = new RegExp(`${prefix}lib/[^/]+\\.so[.0-9]*$`);
const neverRun = /(?:^|\/)lib\/debug\/|\.debug$|\/testdata\//;
const neverCode = new RegExp(`${prefix}(?:include|man|share/(?:doc|info|licenses|locale|man|zoneinfo))/`);

/**
 * Whether a jail runs what lies here as it is. Elsewhere packages have examples, test data, firmware and what they keep
 * for other machines, and what is strange about those is told and no more.
 */
export function isRunFrom(path: string): boolean {
  return programs.test(path) || libraries.test(path);
}

/** Whether it is a service, which service(8) runs. */
export function isService(path: string): boolean {
  return services.test(path);
}

/** Whether the base has to have it: what other packages bring lies in /usr/local. */
export function isOfBase(path: string): boolean {
  return path.startsWith('/') && !path.startsWith('/usr/local/');
}

/**
 * Whether nothing is run or loaded from here: only a debugger reads it, or the tests of what was built, or it is text and
 * tables, which are half of the files of most packages.
 */
export function isNeverRun(path: string): boolean {
  return neverRun.test(path) || neverCode.test(path);
}
