import com.lesfurets.jenkins.unit.PipelineTestHelper
import groovy.json.JsonOutput

/**
 * Runs Jenkinsfiles with JenkinsPipelineUnit and prints, as one JSON list for each, their shell steps: the class of the
 * argument, the stage, the variables that credentials are bound to around it, and its text; of one with a step that is
 * not known, that step alone. Its last version with a public package knows no declarative pipelines: their words are made
 * known here.
 */
for (file in args.collect { new File(it).absoluteFile }) {
  def helper = new PipelineTestHelper()
  helper.scriptRoots = [file.parent] as String[]
  helper.baseScriptRoot = ''
  helper.scriptExtension = ''
  helper.baseClassloader = this.class.classLoader
  helper.imports = [:]
  helper.init()

  def bound = []
  def stages = []
  def steps = []
  for (word in ['pipeline', 'stages', 'steps', 'environment']) helper.registerAllowedMethod(word, [Closure], null)
  helper.registerAllowedMethod('agent', [Object]) { }
  helper.registerAllowedMethod('stage', [String, Closure]) { String name, Closure block ->
    stages << name
    block()
    stages.pop()
  }
  helper.registerAllowedMethod('string', [Map]) { it }
  helper.registerAllowedMethod('withCredentials', [List, Closure]) { List credentials, Closure block ->
    bound.addAll(credentials*.variable)
    block()
    bound.clear()
  }
  helper.registerAllowedMethod('sh', [Object]) { text ->
    steps << [kind: text.getClass().simpleName, stage: stages ? stages[-1] : null, bound: bound.collect(), text: "$text"]
  }
  try {
    helper.runScript(file.name, new Binding([any: 'any']))
  } catch (MissingMethodException unknown) {
    steps = [[kind: 'unknown', text: unknown.method]]
  }
  println JsonOutput.toJson(steps)
}
