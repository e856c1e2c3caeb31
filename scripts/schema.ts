// Writes the JSON Schema of study files to docs/, for editors. Run: npm run schema
import { writeFileSync } from 'node:fs';
import { studyJsonSchema } from '../src/study/settings/study-file.ts';

writeFileSync('docs/study.schema.json', `${JSON.stringify(studyJsonSchema(), null, 2)}\n`);
