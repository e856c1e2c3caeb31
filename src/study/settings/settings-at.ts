/** The parts of a JSON Schema that say where settings are. */
export interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
}

/**
 * Names of the settings that a schema knows at a place, in its order; none where there is no such place.
 * @param path keys and positions in lists
 */
export function settingsAt(schema: JsonSchema, path: readonly PropertyKey[]): string[] {
  if (schema.anyOf !== undefined) return schema.anyOf.flatMap((branch) => settingsAt(branch, path));
  if (path.length === 0) return Object.keys(schema.properties ?? {});
  const [key, ...rest] = path;
  const inner = typeof key === 'number' ? schema.items : schema.properties?.[String(key)];
  return inner === undefined ? [] : settingsAt(inner, rest);
}
