/** gz, bz2 and the like store no name: 7-Zip then names the content after our input file, and we after the container. */
export function memberName(container: string, name: string): string {
  if (name !== 'part' && name !== 'part~') return name;
  const base = container.split(/[/\\]/).at(-1) ?? '';
  return base.replace(/\.[^.]*$/, '') || name;
}
