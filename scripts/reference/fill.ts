/** Puts each part in the place of the line `@name@` of a template. Throws where there is no such line. */
export function fill(template: string, parts: Readonly<Record<string, string>>): string {
  return Object.entries(parts).reduce((text, [name, part]) => {
    const mark = new RegExp(`^@${name}@$`, 'm');
    if (!mark.test(text)) throw new Error(`the template has no line @${name}@`);
    return text.replace(mark, () => part);
  }, template);
}
