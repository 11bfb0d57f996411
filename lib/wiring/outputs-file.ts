// Where `npm start` and `cdk deploy --outputs-file` leave what the CLI needs.

export const outputsFile = '.homeostat/outputs.json'
