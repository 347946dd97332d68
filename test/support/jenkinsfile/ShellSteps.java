import java.io.File;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import org.codehaus.groovy.ast.ClassNode;
import org.codehaus.groovy.ast.CodeVisitorSupport;
import org.codehaus.groovy.ast.expr.ConstantExpression;
import org.codehaus.groovy.ast.expr.Expression;
import org.codehaus.groovy.ast.expr.MethodCallExpression;
import org.codehaus.groovy.ast.expr.TupleExpression;
import org.codehaus.groovy.control.CompilationUnit;
import org.codehaus.groovy.control.Phases;

/**
 * Reads a Jenkinsfile with Groovy's own parser and prints a line for each of its shell steps: the names of the blocks
 * around it, the kind of its argument (a plain string, or something that Groovy would put values into), and its text in
 * base64.
 */
public class ShellSteps extends CodeVisitorSupport {
  private final Deque<String> blocks = new ArrayDeque<>();

  public static void main(String[] files) {
    CompilationUnit unit = new CompilationUnit();
    for (String file : files) unit.addSource(new File(file));
    unit.compile(Phases.CONVERSION);
    for (ClassNode script : unit.getAST().getClasses()) {
      script.getModule().getStatementBlock().visit(new ShellSteps());
      return;
    }
  }

  @Override
  public void visitMethodCallExpression(MethodCallExpression call) {
    if ("sh".equals(call.getMethodAsString())) print(call);
    blocks.addLast(String.valueOf(call.getMethodAsString()));
    super.visitMethodCallExpression(call);
    blocks.removeLast();
  }

  private void print(MethodCallExpression call) {
    List<Expression> arguments = ((TupleExpression) call.getArguments()).getExpressions();
    Expression text = arguments.get(0);
    String kind = text instanceof ConstantExpression ? "plain" : text.getClass().getSimpleName();
    byte[] bytes = text.getText().getBytes(StandardCharsets.UTF_8);
    System.out.println(String.join("/", blocks) + " " + kind + " " + Base64.getEncoder().encodeToString(bytes));
  }
}
