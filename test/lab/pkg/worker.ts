import { existsSync } from 'node:fs';
import { type Options, UsageError } from './arguments.ts';
import { Config } from './config.ts';
import { errorText } from './error-text.ts';
import { EventPipe } from './event-pipe.ts';
import { Reporter } from './reporter.ts';
import { readRepositories } from './repositories.ts';
import { Root } from './root.ts';
import type { Session } from './session.ts';
import { loadSqlite } from './sqlite.ts';
import { Exit } from './status.ts';
import { runVerb, VERBS } from './verbs.ts';

/** The version that this stand-in gives itself: the one whose behaviour it imitates. */
export const PKG_VERSION = '2.8.99';

/** Does everything, inside the root; gives the exit status. */
export async function work(options: Options): Promise<number> {
  const reporter = new Reporter();
  try {
    return await run(options, reporter);
  } catch (error) {
    if (error instanceof UsageError) {
      reporter.complain(error.message);
      return 1;
    }
    if (error instanceof Exit) return error.status;
    throw error;
  } finally {
    reporter.pipe?.close();
  }
}

async function run(options: Options, reporter: Reporter): Promise<number> {
  if (options.listCommands) {
    for (const verb of VERBS) reporter.print(`${verb}\n`);
    return 0;
  }
  if (options.showVersion && !options.showConfig) {
    reporter.print(`${PKG_VERSION}\n`);
    return 0;
  }
  if (options.jail !== undefined) {
    reporter.warn(`jail_attach(${options.jail}): the lab's pkg attaches to no jail`);
    return 1;
  }
  if (options.verb === undefined && !options.showConfig && !options.activation) {
    reporter.complain(
      'Usage: pkg [-v] [-d] [-l] [-N] [-j <jail name or id>|-c <chroot path>|-r <rootdir>] ...',
    );
    return 1;
  }
  await loadSqlite();
  const root = enter(options, reporter);
  const config = Config.read(options, root, reporter);
  for (const [key, value] of Object.entries(config.object('PKG_ENV'))) process.env[key] = String(value);
  const repositories = readRepositories(config, root, reporter);
  const session: Session = {
    options,
    config,
    root,
    reporter,
    repositories,
    yes: config.boolean('ASSUME_ALWAYS_YES'),
    touched: new Set(),
  };
  const path = config.string('EVENT_PIPE');
  if (path !== '') reporter.pipe = await EventPipe.open(path, root, (message) => reporter.warn(message));
  if (!loadPlugins(session)) return 1;
  if (options.activation) return (await import('./verb/activation.ts')).activation(session);
  if (options.showConfig) return (await import('./verb/show-config.ts')).showConfig(session);
  const [verb = '', ...rest] = aliased(session, options.verb ?? '', options.rest);
  return runVerb(session, verb, rest);
}

function enter(options: Options, reporter: Reporter): Root {
  const directory = options.chroot ?? options.rootdir ?? '/';
  try {
    const root = new Root(directory);
    // A chrooted pkg stands in its root, and that is how it is found by who looks for it.
    process.chdir(root.directory);
    return root;
  } catch (error) {
    const what = options.chroot !== undefined ? 'chroot failed' : `Unable to open ${directory}`;
    reporter.warn(`${what}: ${errorText(error)}`);
    throw new Exit(1);
  }
}

/** A plugin is a shared object of the jail that the host's pkg would load as root. */
function loadPlugins({ config, root, reporter }: Session): boolean {
  if (!config.boolean('PKG_ENABLE_PLUGINS')) return true;
  for (const name of config.list('PLUGINS')) {
    const path = `${config.string('PKG_PLUGINS_DIR')}/${name}.so`;
    if (existsSync(root.followed(path))) continue;
    reporter.error(`Loading of plugin '${name}' failed: Cannot open "${path}"`);
    reporter.warn('Plugins cannot be loaded');
    return false;
  }
  return true;
}

function aliased({ config }: Session, verb: string, rest: readonly string[]): string[] {
  const alias = config.object('ALIAS')[verb];
  if (typeof alias !== 'string') return [verb, ...rest];
  return [...alias.split(/\s+/).filter((word) => word !== ''), ...rest];
}
