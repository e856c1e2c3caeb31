/**
 * Gives back what several things hold, one after another; what fails keeps none of the others.
 * @throws the first error, when all are through
 */
export async function releaseAll(releases: Iterable<() => Promise<void>>): Promise<void> {
  const errors: unknown[] = [];
  for (const release of releases) await release().catch((error) => errors.push(error));
  if (errors.length > 0) throw errors[0];
}
